/**
 * Operations: GraphQL for verbs, by the server that holds the project or, without one, in this process.
 */
import type { Logger } from 'pino'
import { createApi } from '../api/index.ts'
import type { Effects } from '../core/effects.ts'
import { catalogue, type ErrorCode, MusterError, messageOf } from '../core/errors.ts'
import { acquireLock } from '../core/lock.ts'
import { Jobs, Workspace } from '../run/index.ts'
import { serverPaths } from './paths.ts'
import { readServerFile, type ServerFile } from './server-file.ts'

export interface Operations extends AsyncDisposable {
  /** Whether a server answers; otherwise this process does, and owns the project meanwhile. */
  readonly remote: boolean
  /** Runs one GraphQL operation. Throws the error the API reports, with its code and hint. */
  execute<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>
}

export interface OperationsOptions {
  readonly dir: string
  readonly env: string
  readonly effects: Effects
  readonly logger: Logger
}

const LOCK_WAIT_MS = 10_000
/** A worker that was killed is back within seconds: what it left unanswered is asked again for so long. */
const PATIENCE_MS = 30_000

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly {
    readonly message: string
    readonly extensions?: { readonly code?: string; readonly hint?: string }
  }[]
}

export async function openOperations(options: OperationsOptions): Promise<Operations> {
  const server = await readServerFile(options.dir)
  return server ? remoteOperations(server, options.effects) : localOperations(options)
}

function remoteOperations({ url, token }: ServerFile, effects: Effects): Operations {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return {
    remote: true,
    execute: async <T>(query: string, variables = {}) => {
      const body = JSON.stringify({ query, variables })
      const response = await patiently(effects, () =>
        effects.fetch(`${url}/graphql`, { method: 'POST', headers, body }),
      )
      return unwrap<T>((await response.json()) as Answer) // GraphQL over HTTP
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** Asks again while the worker is absent: it never saw the operation then. */
async function patiently(effects: Effects, send: () => Promise<Response>): Promise<Response> {
  const until = effects.now().getTime() + PATIENCE_MS
  for (;;) {
    const response = await send().catch((error: unknown) => error)
    const answered = response instanceof Response
    if (answered && response.status !== 503) return response
    if (effects.now().getTime() > until) {
      if (answered) throw new MusterError('server_absent', `The server does not answer: ${await response.text()}`)
      throw new MusterError('server_absent', `The server cannot be reached: ${messageOf(response)}.`, {
        cause: response,
      })
    }
    await effects.sleep(250)
  }
}

async function localOperations(options: OperationsOptions): Promise<Operations> {
  const lock = await acquireLock(serverPaths({ root: options.dir }).lock, { waitMs: LOCK_WAIT_MS })
  try {
    const workspace = await Workspace.open(options)
    await workspace.imports.resume()
    const jobs = new Jobs(workspace, { alone: true })
    const api = createApi({ workspace, jobs })
    return {
      remote: false,
      execute: async <T>(query: string, variables = {}) => {
        const response = await api.fetch('http://muster.local/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
        })
        return unwrap<T>((await response.json()) as Answer) // GraphQL over HTTP
      },
      [Symbol.asyncDispose]: async () => {
        await jobs[Symbol.asyncDispose]()
        await workspace[Symbol.asyncDispose]()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

function unwrap<T>({ data, errors }: Answer): T {
  const error = errors?.[0]
  if (!error) return data as T // what the operation selects
  const { code, hint } = error.extensions ?? {}
  const known: ErrorCode = code !== undefined && code in catalogue ? (code as ErrorCode) : 'usage'
  throw new MusterError(known, error.message, hint === undefined ? {} : { hint })
}
