/**
 * Replays: what archive and log hold, landed again. Each is a record in state, resumed where it stopped.
 */
import PQueue from 'p-queue'
import type { Logger } from 'pino'
import { MusterError, messageOf } from '../../core/errors.ts'
import { committedPosition } from '../warehouse-consumer.ts'
import { ReplayFilter } from './replay-filter.ts'
import { type ReplayRecord, type ReplayRequest, readReplay, readReplays, writeReplay } from './replay-record.ts'
import { type ReplaySettings, runReplay } from './run-replay.ts'

export interface ReplaysSettings extends ReplaySettings {
  readonly logger: Logger
}

/** How fast a replay goes in this process. */
export interface ReplayPace {
  readonly recordsPerSecond: number
  /** Null before that can be told. */
  readonly secondsLeft: number | null
}

/** A replay that this process is about, or waits its turn. */
interface Running {
  readonly stop: AbortController
  /** Where it was when this process began with it. */
  began?: { readonly records: number; readonly at: number }
}

const STOPPED = new Error('the replay was stopped')

export class Replays {
  readonly #settings: ReplaysSettings
  readonly #turns = new PQueue({ concurrency: 1 })
  readonly #closing = new AbortController()
  readonly #running = new Map<string, Running>()

  constructor(settings: ReplaysSettings) {
    this.#settings = settings
  }

  /** Starts a replay behind those under way. Throws `unknown_source`, `predicate_invalid`, `usage`. */
  async start(request: ReplayRequest): Promise<ReplayRecord> {
    const { landing, state, effects } = this.#settings
    this.#check(request)
    await using log = this.#settings.openLog()
    const committed = await state.warehouse.session((session) => committedPosition(session, state))
    const nothing = { records: 0, total: 0, events: 0, landed: 0, duplicates: 0, rejected: 0, untested: 0 }
    const record: ReplayRecord = {
      ...request,
      ...nothing,
      id: effects.id().slice(0, 8),
      state: 'running',
      error: null,
      watermark: await landing.watermark(),
      // What the consumer has not landed yet, it lands itself.
      until_position: Math.min(await log.head(), committed),
      position: 0,
      batch: '',
      offset: 0,
      untested_reason: null,
      counts: '',
      started_at: effects.now(),
      ended_at: null,
    }
    await writeReplay(state, record)
    this.#enqueue(record)
    return record
  }

  /** Goes on with one that was stopped or failed. Throws `not_found`. */
  async goOn(id: string): Promise<ReplayRecord> {
    const known = await this.#require(id)
    if (known.state === 'done' || this.#running.has(id)) return known
    const record: ReplayRecord = { ...known, state: 'running', error: null, ended_at: null }
    await writeReplay(this.#settings.state, record)
    this.#enqueue(record)
    return record
  }

  /** Ends one after the batch under way. Throws `not_found`. */
  async stop(id: string): Promise<ReplayRecord> {
    this.#running.get(id)?.stop.abort(STOPPED)
    return this.#require(id)
  }

  /** Goes on with what a crash interrupted. */
  async resume(): Promise<void> {
    for (const record of await readReplays(this.#settings.state)) {
      if (record.state === 'running') this.#enqueue(record)
    }
  }

  read(id: string): Promise<ReplayRecord | undefined> {
    return readReplay(this.#settings.state, id)
  }

  list(): Promise<ReplayRecord[]> {
    return readReplays(this.#settings.state)
  }

  /** Null unless this process is about it. */
  paceOf({ id, records, total }: ReplayRecord): ReplayPace | null {
    const began = this.#running.get(id)?.began
    if (began === undefined) return null
    const seconds = (this.#settings.effects.now().getTime() - began.at) / 1000
    const recordsPerSecond = seconds > 0 ? (records - began.records) / seconds : 0
    return { recordsPerSecond, secondsLeft: recordsPerSecond > 0 ? (total - records) / recordsPerSecond : null }
  }

  /** Stops after the batch under way; what is not done is resumed by the next process. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#turns.onIdle()
  }

  #check(request: ReplayRequest): void {
    const { sources } = this.#settings.project()
    const { source, from_time, to_time } = request
    // A source that is no longer in the project still has events.
    if (source !== null && !/^[\w-]+$/.test(source)) {
      throw new MusterError('unknown_source', `"${source}" is no name of a source.`, {
        hint: `There are: ${Object.keys(sources).join(', ')}.`,
      })
    }
    if (from_time !== null && to_time !== null && from_time >= to_time) {
      throw new MusterError(
        'usage',
        `Nothing was received from ${from_time.toISOString()} to ${to_time.toISOString()}.`,
      )
    }
    new ReplayFilter(request)
  }

  async #require(id: string): Promise<ReplayRecord> {
    const record = await this.read(id)
    if (record) return record
    throw new MusterError('not_found', `There is no replay "${id}".`, { hint: '`muster replay list` shows them.' })
  }

  #enqueue(record: ReplayRecord): void {
    const running: Running = { stop: new AbortController() }
    this.#running.set(record.id, running)
    void this.#turns.add(() => this.#run(record, running)).finally(() => this.#running.delete(record.id))
  }

  async #run(record: ReplayRecord, running: Running): Promise<void> {
    const { state, logger, effects } = this.#settings
    running.began = { records: record.records, at: effects.now().getTime() }
    try {
      await runReplay(this.#settings, record, AbortSignal.any([this.#closing.signal, running.stop.signal]))
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const stopped = running.stop.signal.aborted
      if (!stopped) logger.error({ err: error, replay: record.id }, `replay failed: ${messageOf(error)}`)
      const now = (await readReplay(state, record.id)) ?? record
      const end = stopped
        ? ({ state: 'stopped', error: null } as const)
        : ({ state: 'failed', error: messageOf(error) } as const)
      await writeReplay(state, { ...now, ...end, ended_at: effects.now() })
    }
  }
}
