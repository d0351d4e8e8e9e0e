import { catalogue, type ErrorCode, MusterError } from '../core/errors.ts'

/** What GraphQL answers to one operation, or with one event of a subscription. */
export interface Answer {
  readonly data?: unknown
  readonly errors?: readonly {
    readonly message: string
    readonly extensions?: { readonly code?: string; readonly hint?: string }
  }[]
}

/** The data of an answer. Throws the error that the API reports, with its code and hint. */
export function unwrap<T>({ data, errors }: Answer): T {
  const error = errors?.[0]
  if (!error) return data as T // what the operation selects
  const { code, hint } = error.extensions ?? {}
  const known: ErrorCode = code !== undefined && code in catalogue ? (code as ErrorCode) : 'usage'
  throw new MusterError(known, error.message, hint === undefined ? {} : { hint })
}
