/**
 * What the collector and its process of maps say to each other. What may be large goes as JSON text: copying that costs
 * the collector far less than copying what it says.
 *
 * ready   said once: the process can take jobs
 * job     one map to be run on one body
 * begun   the job has arrived and is now run: what happens from here on is the map's doing
 * answer  the events it makes, or why it makes none
 */
import type { Fields } from './body.ts'

export interface MapJob {
  readonly source: string
  readonly map: {
    /** For messages. */
    readonly file: string
    /** JSONata. */
    readonly text: string
  }
  /** JSON. */
  readonly body: string
  /** ISO instant of the request: `$now()` and `$millis()`. */
  readonly receivedAt: string
  /** Names in lower case: `$headers`. */
  readonly headers: Readonly<Record<string, string>>
  /** `$query`. */
  readonly query: Fields
}

/** `events` is a JSON list. */
export type MapAnswer = { readonly events: string } | { readonly failure: string }

export type MapMessage = 'ready' | 'begun' | MapAnswer

export interface MapLimits {
  /** A map is given up after this many milliseconds. */
  readonly limitMs: number
  /** Of the heap of the process that runs maps. */
  readonly memoryMb: number
}
