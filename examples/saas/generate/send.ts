import { Analytics } from '@segment/analytics-node'
import type { SegmentMessage } from './message.ts'
import { type SendResult, type Sent, Tally } from './tally.ts'

export interface SendOptions {
  /** Of the collector, such as `http://127.0.0.1:8080`. */
  readonly url: string
  readonly writeKey: string
  readonly messages: Iterable<SegmentMessage>
  readonly onProgress?: ((progress: Sent) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Messages to a request, of some 550 KB. */
const BATCH = 1000

/** No more messages are taken while so many are without an answer … */
const MOST_PENDING = 3 * BATCH

/** … until only so many are. At least a batch: the SDK holds fewer back. */
const FEW_PENDING = BATCH

/** After this long the SDK sends a batch that is not full. */
const FLUSH_INTERVAL_MS = 200

/**
 * Sends messages with Segment's own SDK under their own ids and instants, so that sending them again changes nothing.
 * What is refused or cannot be delivered is counted; only the signal's reason is thrown.
 */
export async function sendEvents({ url, writeKey, messages, onProgress, signal }: SendOptions): Promise<SendResult> {
  signal?.throwIfAborted()
  const analytics = new Analytics({ writeKey, host: url, flushAt: BATCH, flushInterval: FLUSH_INTERVAL_MS })
  const tally = new Tally(analytics, onProgress)
  const release = () => tally.release()
  signal?.addEventListener('abort', release)
  try {
    for (const message of messages) {
      if (tally.pending >= MOST_PENDING) await tally.fewer(FEW_PENDING)
      signal?.throwIfAborted()
      tally.attempt(() => dispatch(analytics, message))
    }
    await tally.fewer(0)
    signal?.throwIfAborted()
    return tally.result
  } finally {
    signal?.removeEventListener('abort', release)
    // All have been answered unless something was thrown: then the SDK gives up the rest at once.
    await analytics.closeAndFlush({ timeout: 1 })
  }
}

/** The SDK writes into the context it is given: it gets one of its own. */
function dispatch(analytics: Analytics, message: SegmentMessage): void {
  const context = { ...message.context }
  switch (message.type) {
    case 'identify':
      analytics.identify({ ...message, context })
      break
    case 'track':
      analytics.track({ ...message, context })
      break
    case 'page':
      analytics.page({ ...message, context })
      break
    case 'screen':
      analytics.screen({ ...message, context })
      break
    case 'group':
      analytics.group({ ...message, context })
      break
    case 'alias':
      analytics.alias({ ...message, context })
      break
  }
}
