import type { LiveEvent } from './live-event.ts'
import type { Passes } from './live-filter.ts'
import type { SeenRecord } from './seen-record.ts'
import { type Countable, thin } from './thin.ts'

export interface ShownEvent extends LiveEvent, Countable {}

/** What a feed gives: events, and at the end the failure that ended it, if one did. */
export type FeedItem = ShownEvent | Error

export interface Sighting extends Countable {
  readonly record: SeenRecord
}

export interface FeedOptions {
  readonly passes: Passes
  readonly perSecond: number
  /** Called once, when it ends or its reader leaves. */
  readonly onEnd: () => void
}

type Result = IteratorResult<FeedItem, undefined>

const DONE: Result = { done: true, value: undefined }

/**
 * The events on their way to one who watches. Those beyond its rate wait, at most a second's worth, evenly thinned: so
 * does what a slow reader does not fetch.
 */
export class LiveFeed implements AsyncIterableIterator<FeedItem, undefined> {
  readonly #options: FeedOptions
  readonly #ready: FeedItem[] = []
  readonly #pulls: ((result: Result) => void)[] = []
  #waiting: readonly Sighting[] = []
  /** Left out since the last one that waits. */
  #skipped = 0
  /** Events that may go out now. */
  #credit = 1
  #ended = false

  constructor(options: FeedOptions) {
    this.#options = options
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether events wait for their turn. */
  get behind(): boolean {
    return this.#waiting.length > 0
  }

  /** Counts records that nobody looked at. */
  skip(records: number): void {
    this.#skipped += records
  }

  /** Takes records of a look; throws `log_corrupt`. */
  offer(sightings: readonly Sighting[]): void {
    const { passes, perSecond } = this.#options
    const passing: Sighting[] = []
    for (const { record, skipped } of sightings) {
      this.#skipped += skipped
      if (passes && !passes(record.event)) continue
      passing.push({ record, skipped: this.#skipped })
      this.#skipped = 0
    }
    this.#waiting = thin([...this.#waiting, ...passing], perSecond)
    for (const { record } of this.#waiting) record.detach()
  }

  /** Lets go what may go out in `ms`. */
  release(ms: number): void {
    const { perSecond } = this.#options
    const earned = (perSecond * ms) / 1000
    this.#credit = Math.min(this.#credit + earned, Math.max(1, earned))
    const count = this.#ready.length < perSecond ? Math.min(Math.floor(this.#credit), this.#waiting.length) : 0
    this.#credit -= count
    this.show(this.#waiting.slice(0, count))
    this.#waiting = this.#waiting.slice(count)
  }

  /** Gives events to the reader whatever its rate. */
  show(sightings: readonly Sighting[]): void {
    for (const { record, skipped } of sightings) this.#give({ ...record.event, skipped })
  }

  /** Ends it once the reader has what it was given. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#waiting = []
    for (const resolve of this.#pulls.splice(0)) resolve(DONE)
    this.#options.onEnd()
  }

  /** Ends it with a failure for the reader. */
  fail(error: Error): void {
    this.#give(error)
    this.end()
  }

  async next(): Promise<Result> {
    const value = this.#ready.shift()
    if (value !== undefined) return { done: false, value }
    if (this.#ended) return DONE
    return new Promise((resolve) => this.#pulls.push(resolve))
  }

  /** The reader leaves, also while it waits for `next`. */
  async return(): Promise<Result> {
    this.#ready.length = 0
    this.end()
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #give(value: FeedItem): void {
    if (this.#ended) return
    const resolve = this.#pulls.shift()
    if (resolve === undefined) this.#ready.push(value)
    else resolve({ done: false, value })
  }
}
