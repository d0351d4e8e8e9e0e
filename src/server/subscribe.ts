import { MusterError } from '../core/errors.ts'
import { type Answer, unwrap } from './answer.ts'
import { readEventStream } from './event-stream.ts'

export interface SubscribeInput {
  /** Starts the subscription and resolves with the stream; called again when the stream breaks off. */
  readonly connect: () => Promise<Response>
  /** Between a stream that broke off and the next one. */
  readonly pause: () => Promise<void>
  readonly signal: AbortSignal
}

/** The results of a subscription, until the server completes it or the signal. Throws what the API reports. */
export async function* subscribe<T>({ connect, pause, signal }: SubscribeInput): AsyncGenerator<T> {
  try {
    while (!signal.aborted) {
      if (yield* results<T>(await connect(), signal)) return
      await pause()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** The results of one stream; returns whether the server completed it. */
async function* results<T>(response: Response, signal: AbortSignal): AsyncGenerator<T, boolean> {
  const { body, headers } = response
  if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) {
    unwrap((await response.json()) as Answer) // GraphQL over HTTP
    throw new MusterError('server_absent', 'The server did not answer with a stream of events.')
  }
  for await (const { event, data } of readEventStream(body, signal)) {
    if (event === 'complete') return true
    if (event === 'next') yield unwrap<T>(JSON.parse(data) as Answer) // GraphQL over server-sent events
  }
  return false
}
