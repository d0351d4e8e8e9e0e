/**
 * Operations: GraphQL for verbs, by the server that holds the project or, without one, in this process.
 */
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { type Operations, operationsBy, PAUSE_MS, type Send } from './sent-operations.ts'
import { readServerFile, type ServerFile } from './server-file.ts'

export interface OperationsOptions {
  readonly dir: string
  readonly env: string
  readonly effects: Effects
  readonly logger: Logger
}

/** A worker that was killed is back within seconds: what it left unanswered is asked again for so long. */
const PATIENCE_MS = 30_000

export async function openOperations(options: OperationsOptions): Promise<Operations> {
  const server = await readServerFile(options.dir)
  if (server) return remoteOperations(server, options.effects)
  try {
    // All of Muster, which whoever asks a server does without.
    const { localOperations } = await import('./local-operations.ts')
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
