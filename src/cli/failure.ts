import { CommanderError } from 'commander'
import { catalogue, type ErrorCode, MusterError, messageOf } from '../core/errors.ts'

/** What a failed command tells its caller. */
export interface Failure {
  readonly exit: number
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

export interface FailureFormat {
  readonly json: boolean
  readonly debug: boolean
}

/** Whatever a verb threw, as a failure of the catalogue. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return usageFailure(error)
  const code = error instanceof MusterError ? error.code : 'internal'
  const hint = error instanceof MusterError ? error.hint : catalogue.internal.remedy
  return { exit: catalogue[code].exit, code, message: messageOf(error), hint }
}

/** The failure as text for standard error: a sentence and a hint, or one JSON object a line. */
export function formatFailure(error: unknown, { json, debug }: FailureFormat): string {
  const { code, message, hint } = failureOf(error)
  const stack = debug ? stackOf(error) : undefined
  if (json) return `${JSON.stringify({ error: { code, message, hint, ...(stack && { stack }) } })}\n`
  return `error: ${message} [${code}]\n${hint && `  hint: ${hint}\n`}${stack ? `${stack}\n` : ''}`
}

function usageFailure(error: CommanderError): Failure {
  const [message = '', ...suggestions] = error.message.replace(/^error: /, '').split('\n')
  const hint = suggestions.join(' ').replace(/^\((.*)\)$/, '$1')
  return { exit: catalogue.usage.exit, code: 'usage', message, hint: hint || catalogue.usage.remedy }
}

/** The stack with those of its causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stack = error.stack ?? error.message
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(error.cause)}`
}
