import type { Effects } from '../../core/effects.ts'
import { MusterError } from '../../core/errors.ts'
import type { LogReader } from '../../log/index.ts'
import { LiveFeed } from './live-feed.ts'
import { compileFilter, type LiveFilter, type Passes } from './live-filter.ts'
import { readPast, type Start } from './read-past.ts'
import { SeenRecord } from './seen-record.ts'
import { thin } from './thin.ts'

export interface WatchRequest extends Start {
  readonly filter: LiveFilter
  /** 1 to 1,000. */
  readonly perSecond: number
  /** Whether to wait for what comes. */
  readonly follow: boolean
  /** Ends the feed too, also before it has begun. */
  readonly signal: AbortSignal
}

export interface LiveEventsSettings {
  /** A reader of the log that is shared with nobody, so that looking on disturbs nobody. */
  readonly openLog: () => LogReader
  readonly effects: Pick<Effects, 'now' | 'sleep'>
}

const MAX_FEEDS = 50
const MAX_PER_SECOND = 1000
const LOOK_EVERY_MS = 100
/** Read in one look: going on where the last one ended is far cheaper than finding a place further on. */
const LOOK = { maxRecords: 20_000, maxBytes: 16 * 1024 * 1024 }
/** Of these, evenly spread, are shown to the feeds and decoded if they ask. */
const MAX_SEEN = 500
const MAX_PAUSE_MS = 1000

interface Joining {
  readonly feed: LiveFeed
  readonly passes: Passes
  readonly request: WatchRequest
  readonly begun: () => void
}

/** The end of the log for all who watch: it is read once for all of them, and only while there is one. */
export class LiveEvents {
  readonly #settings: LiveEventsSettings
  readonly #joining = new Set<Joining>()
  readonly #feeds = new Set<LiveFeed>()
  #running = false
  #wake = new AbortController()

  constructor(settings: LiveEventsSettings) {
    this.#settings = settings
  }

  /** Resolves when the feed has begun; it goes on until its reader returns it or the signal. Throws `too_many_watchers`. */
  async watch(request: WatchRequest): Promise<LiveFeed> {
    if (this.#watchers === MAX_FEEDS) {
      throw new MusterError('too_many_watchers', `${MAX_FEEDS} programs watch the events of this project already.`)
    }
    const { filter, perSecond, signal } = request
    const leave = () => feed.end()
    const passes = compileFilter(filter)
    const feed = new LiveFeed({
      passes,
      perSecond: between(1, perSecond, MAX_PER_SECOND),
      onEnd: () => {
        signal.removeEventListener('abort', leave)
        this.#forget(feed)
      },
    })
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    await new Promise<void>((begun) => {
      this.#joining.add({ feed, passes, request, begun })
      this.#wake.abort()
      if (!this.#running) void this.#run()
    })
    return feed
  }

  get #watchers(): number {
    return this.#joining.size + this.#feeds.size
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#watchers > 0) {
      try {
        await using reader = this.#settings.openLog()
        await this.#follow(reader)
      } catch (error) {
        this.#failAll(asError(error))
      }
    }
    this.#running = false
  }

  async #follow(reader: LogReader): Promise<void> {
    const { now, sleep } = this.#settings.effects
    let position = await reader.head()
    let pause = LOOK_EVERY_MS
    while (this.#watchers > 0) {
      await this.#welcome(position)
      const began = now().getTime()
      position = await this.#look(reader, position)
      const took = now().getTime() - began
      for (const feed of this.#feeds) feed.release(pause + took)
      // Half of the time at least nothing is read: a machine with much to do is left alone.
      pause = between(LOOK_EVERY_MS, took, MAX_PAUSE_MS)
      await sleep(pause)
      await this.#news(reader, position)
    }
  }

  /** Takes new feeds in at `position`, after what they want to see of the past. */
  async #welcome(position: number): Promise<void> {
    for (const joining of this.#joining) {
      const { feed, begun } = joining
      if (!feed.ended) await this.#tellPast(joining, position).catch((error: unknown) => feed.fail(asError(error)))
      this.#joining.delete(joining)
      if (!feed.ended) this.#feeds.add(feed)
      begun()
    }
  }

  async #tellPast({ feed, passes, request }: Joining, position: number): Promise<void> {
    const { sightings, skipped } = await readPast(this.#settings.openLog, position, request, passes)
    feed.show(sightings)
    feed.skip(skipped)
    if (!request.follow) feed.end()
  }

  /** Offers a bounded look at what came after `position`; returns the position reached. */
  async #look(reader: LogReader, position: number): Promise<number> {
    const head = await reader.head()
    if (head <= position) return position
    const after = Math.max(position, head - LOOK.maxRecords)
    const { records, last } = await reader.read({ ...LOOK, after })
    const counted = records.map((record, index) => ({ record, skipped: index === 0 ? after - position : 0 }))
    const seen = thin(counted, MAX_SEEN).map(({ record, skipped }) => ({ record: new SeenRecord(record), skipped }))
    for (const feed of this.#feeds) feed.offer(seen)
    return last
  }

  /** Waits until there is something to do. */
  async #news(reader: LogReader, position: number): Promise<void> {
    const wake = new AbortController()
    this.#wake = wake
    const due = this.#joining.size > 0 || this.#feeds.size === 0 || [...this.#feeds].some(({ behind }) => behind)
    if (due) return
    await reader.wait(position, wake.signal).catch((error: unknown) => {
      if (!wake.signal.aborted) throw error
    })
  }

  #failAll(error: Error): void {
    for (const { feed, begun } of this.#joining) {
      feed.fail(error)
      begun()
    }
    for (const feed of this.#feeds) feed.fail(error)
    this.#joining.clear()
    this.#feeds.clear()
  }

  #forget(feed: LiveFeed): void {
    this.#feeds.delete(feed)
    this.#wake.abort()
  }
}

function between(least: number, value: number, most: number): number {
  return Math.min(Math.max(least, value), most)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
