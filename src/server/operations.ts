/**
 * Operations: GraphQL for verbs, by the server that holds the project or, without one, in this process.
 */
import type { Logger } from 'pino'
import { createApi } from '../api/index.ts'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { acquireLock } from '../core/lock.ts'
import { Jobs, Workspace } from '../run/index.ts'
import { type Answer, unwrap } from './answer.ts'
import { serverPaths } from './paths.ts'
import { readServerFile, type ServerFile } from './server-file.ts'
import { subscribe } from './subscribe.ts'

type Variables = Readonly<Record<string, unknown>>

export interface Operations extends AsyncDisposable {
  /** Whether a server answers; otherwise this process does, and owns the project meanwhile. */
  readonly remote: boolean
  /** Runs one GraphQL operation. Throws the error the API reports, with its code and hint. */
  execute<T>(query: string, variables?: Variables): Promise<T>
  /**
   * Runs one GraphQL subscription until it completes or the signal. When the connection is lost it is made again, with
   * what `variables` says then. Throws the error the API reports.
   */
  subscribe<T>(query: string, variables: () => Variables, signal: AbortSignal): AsyncIterable<T>
}

interface GraphqlRequest {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal?: AbortSignal
}

type Send = (request: GraphqlRequest) => Promise<Response>

export interface OperationsOptions {
  readonly dir: string
  readonly env: string
  readonly effects: Effects
  readonly logger: Logger
}

const LOCK_WAIT_MS = 10_000
/** A worker that was killed is back within seconds: what it left unanswered is asked again for so long. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 250

export async function openOperations(options: OperationsOptions): Promise<Operations> {
  const server = await readServerFile(options.dir)
  if (server) return remoteOperations(server, options.effects)
  try {
    return await localOperations(options)
  } catch (error) {
    // A server that was only starting holds the project, and answers by now.
    const started = await readServerFile(options.dir)
    if (!started || !(error instanceof MusterError && error.code === 'project_locked')) throw error
    return remoteOperations(started, options.effects)
  }
}

function remoteOperations({ url, token }: ServerFile, effects: Effects): Operations {
  const send: Send = ({ headers, ...request }) => {
    const authorized = { ...request, headers: { ...headers, authorization: `Bearer ${token}` } }
    return patiently(effects, request.signal, () => effects.fetch(`${url}/graphql`, authorized))
  }
  return {
    remote: true,
    ...operationsBy(send, effects),
    [Symbol.asyncDispose]: async () => {},
  }
}

function operationsBy(send: Send, effects: Effects): Pick<Operations, 'execute' | 'subscribe'> {
  return {
    execute: async <T>(query: string, variables: Variables = {}) => {
      const response = await send(graphqlRequest(query, variables, 'application/json'))
      return unwrap<T>((await response.json()) as Answer) // GraphQL over HTTP
    },
    subscribe: <T>(query: string, variables: () => Variables, signal: AbortSignal) =>
      subscribe<T>({
        connect: () => send({ ...graphqlRequest(query, variables(), 'text/event-stream'), signal }),
        pause: () => effects.sleep(PAUSE_MS, signal),
        signal,
      }),
  }
}

function graphqlRequest(query: string, variables: Variables, accept: string): GraphqlRequest {
  const headers = { 'content-type': 'application/json', accept }
  return { method: 'POST', headers, body: JSON.stringify({ query, variables }) }
}

/** Asks again while the worker is absent: it never saw the operation then. */
async function patiently(
  effects: Effects,
  signal: AbortSignal | undefined,
  send: () => Promise<Response>,
): Promise<Response> {
  const until = effects.now().getTime() + PATIENCE_MS
  for (;;) {
    const response = await send().catch((error: unknown) => error)
    signal?.throwIfAborted()
    const answered = response instanceof Response
    if (answered && response.status !== 503) return response
    if (effects.now().getTime() > until) {
      if (answered) throw new MusterError('server_absent', `The server does not answer: ${await response.text()}`)
      throw new MusterError('server_absent', `The server cannot be reached: ${messageOf(response)}.`, {
        cause: response,
      })
    }
    await effects.sleep(PAUSE_MS, signal)
  }
}

async function localOperations(options: OperationsOptions): Promise<Operations> {
  const lock = await acquireLock(serverPaths({ root: options.dir }).lock, { waitMs: LOCK_WAIT_MS })
  try {
    const workspace = await Workspace.open(options)
    await workspace.imports.resume()
    await workspace.replays.resume()
    await workspace.deletions.resume({ alone: true })
    const jobs = new Jobs(workspace, { alone: true })
    const api = createApi({ workspace, jobs })
    return {
      remote: false,
      ...operationsBy(async (request) => api.fetch('http://muster.local/graphql', request), options.effects),
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
