/**
 * The warehouse consumer: reads the log in order and lands it, its position committed with the rows.
 */
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import type { LogReader } from '../log/index.ts'
import type { BatchSettings } from '../project/index.ts'
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { type Flattened, flattenRecords } from './flatten-records.ts'
import type { Landing } from './landing.ts'
import type { SourceShapes } from './source-shapes.ts'

/** The consumer's name, under which its position is kept. */
const WAREHOUSE = 'warehouse'

export interface ConsumerSettings {
  readonly log: LogReader
  readonly landing: Landing
  readonly state: State
  readonly dedupWindowMs: number
  /** A load takes so many records, or what leaves it time to land its first within so long. */
  readonly batch: BatchSettings
  /** As the project says now. Absent: all sources have the usual shape. */
  readonly shapes?: () => SourceShapes
  readonly effects: Effects
  readonly logger: Logger
}

const MAX_BYTES = 64 * 1024 * 1024
const MAX_PAUSE_MS = 30_000
/** How often rows that wait for their table are tried; while it takes none, more and more seldom. */
const MEND_MS = 5_000
const MAX_MEND_MS = 60_000

/** Consecutive records of the log, ready to land. */
interface Stretch extends Flattened {
  readonly first: number
  readonly last: number
  /** When it was read; what comes after it came later. Milliseconds, as `landedAt`. */
  readonly readAt: number
  /** The log goes on after it. */
  readonly more: boolean
}

export class WarehouseConsumer {
  readonly #settings: ConsumerSettings
  #ahead: { readonly after: number; readonly stretch: Promise<Stretch | undefined> } | undefined
  #position: number | undefined
  #catchingUp = 0
  #hurry = new AbortController()
  /** When the stretch that landed last was read and could be queried. */
  #landed = { readAt: 0, landedAt: 0 }

  constructor(settings: ConsumerSettings) {
    this.#settings = settings
  }

  /** Lands what comes until the signal; a failed load is tried again, with longer and longer pauses. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#consume(signal), this.#mend(signal)])
  }

  async #consume(signal: AbortSignal): Promise<void> {
    let pause = 250
    while (!signal.aborted) {
      try {
        await this.#linger(await this.#firstCame(signal), signal)
        await this.#step(signal)
        pause = 250
      } catch (error) {
        if (signal.aborted) return
        this.#settings.logger.error(
          { err: error },
          `cannot land events: ${messageOf(error)}; trying again in ${pause} ms`,
        )
        this.#position = undefined
        await this.#settings.effects.sleep(pause, signal).catch(() => {}) // only the signal ends a pause
        pause = Math.min(pause * 2, MAX_PAUSE_MS)
      }
    }
  }

  /** Lands held rows once their tables take them. */
  async #mend(signal: AbortSignal): Promise<void> {
    const { landing, effects, logger } = this.#settings
    let pause = MEND_MS
    while (!signal.aborted) {
      await effects.sleep(pause, signal).catch(() => {}) // only the signal ends a pause
      let landed = 0
      try {
        const waiting = await landing.waitingFor()
        for (const table of waiting) landed += await landing.mend(table, signal)
        pause = waiting.size > 0 && landed === 0 ? Math.min(pause * 2, MAX_MEND_MS) : MEND_MS
      } catch (error) {
        if (signal.aborted) return
        logger.error({ err: error }, `cannot land held rows: ${messageOf(error)}`)
        pause = MAX_MEND_MS
      }
      if (landed > 0) logger.info({ rows: landed }, `landed ${landed} rows that were held`)
    }
  }

  /** Resolves once everything acknowledged before the call has landed. `alone`: nobody else runs this consumer. */
  async catchUp(signal: AbortSignal | undefined, { alone }: { alone: boolean }): Promise<void> {
    const head = await this.#settings.log.head()
    this.#catchingUp += 1
    this.#hurry.abort()
    try {
      while ((await this.position()) < head) {
        signal?.throwIfAborted()
        if (alone) await this.#step(signal)
        else await this.#settings.effects.sleep(20, signal)
      }
    } finally {
      this.#catchingUp -= 1
    }
  }

  /** Sequence number of the last record landed. */
  async position(): Promise<number> {
    if (this.#position === undefined) {
      const { state } = this.#settings
      this.#position = await state.warehouse.session((session) => committedPosition(session, state))
    }
    return this.#position
  }

  /** Waits for a record to land; gives when it came, at the earliest. */
  async #firstCame(signal: AbortSignal): Promise<number> {
    const { log, effects } = this.#settings
    const position = await this.position()
    const waits = (await log.head()) > position
    await log.wait(position, signal)
    return waits ? this.#landed.readAt : effects.now().getTime()
  }

  /** Waits for more to land at once, as long as the first record can wait: loading it will take time too. */
  async #linger(since: number, signal: AbortSignal): Promise<void> {
    const { batch, effects, log } = this.#settings
    const { readAt, landedAt } = this.#landed
    const spent = landedAt - readAt + effects.now().getTime() - since
    // The clock may have been set back.
    const left = Math.min(batch.withinMs, batch.withinMs - spent)
    if (this.#catchingUp > 0 || left <= 0) return
    this.#hurry = new AbortController()
    const enough = new AbortController()
    const stop = AbortSignal.any([signal, this.#hurry.signal, enough.signal])
    const full = log.wait((await this.position()) + batch.events - 1, stop)
    await Promise.race([full, effects.sleep(left, stop)]).catch(() => {}) // woken early
    enough.abort()
    await full.catch(() => {}) // no longer waited for
  }

  async #step(signal: AbortSignal | undefined): Promise<void> {
    const { landing, state, log, dedupWindowMs, effects } = this.#settings
    const after = await this.position()
    const stretch = await this.#take(after, signal)
    if (!stretch) return
    const { first, last, readAt, events, refusals, oldest } = stretch
    if (stretch.more) this.#prepareAfter(last, signal)
    await landing.land({
      consumer: WAREHOUSE,
      events,
      refusals,
      first,
      last,
      since: new Date(oldest.getTime() - dedupWindowMs),
      also: (session) => this.#commit(session, state, { after, last }),
    })
    this.#position = last
    this.#landed = { readAt, landedAt: effects.now().getTime() }
    await log.commit(WAREHOUSE, last)
  }

  /** The next stretch, which may have been prepared while the one before was landing. */
  #take(after: number, signal: AbortSignal | undefined): Promise<Stretch | undefined> {
    const ahead = this.#ahead
    this.#ahead = undefined
    return ahead?.after === after ? ahead.stretch : this.#prepare(after, signal)
  }

  #prepareAfter(after: number, signal: AbortSignal | undefined): void {
    const stretch = this.#prepare(after, signal)
    stretch.catch(() => {}) // whoever takes it sees the failure
    this.#ahead = { after, stretch }
  }

  async #prepare(after: number, signal: AbortSignal | undefined): Promise<Stretch | undefined> {
    const { log, effects, batch, shapes } = this.#settings
    const readAt = effects.now().getTime()
    const limits = { maxRecords: batch.events, maxBytes: MAX_BYTES }
    const { records, last } = await log.read({ after, ...limits, ...(signal && { signal }) })
    const first = records[0]
    if (!first) return undefined
    const flattened = await flattenRecords(records, effects.now(), shapes?.())
    return { ...flattened, first: first.sequence, last, readAt, more: last < (await log.head()) }
  }

  /** The position may have moved since it was read: a killed process's last commit was still under way then. */
  async #commit(session: Session, state: State, { after, last }: { after: number; last: number }): Promise<void> {
    const committed = await committedPosition(session, state)
    if (committed !== after) {
      this.#position = undefined
      throw new MusterError(
        'warehouse_failed',
        `The log was landed up to ${committed} by another process, and not up to ${after}; landing goes on from there.`,
      )
    }
    await session.run(state.table('offsets').where({ consumer: WAREHOUSE }).delete())
    await session.run(
      state.table('offsets').insert({ consumer: WAREHOUSE, position: last, updated_at: this.#settings.effects.now() }),
    )
  }
}

/** Up to where the log has landed, as committed with the rows. */
export async function committedPosition(session: Session, state: State): Promise<number> {
  const [row] = await session.query<{ position: number }>(
    state.table('offsets').select('position').where({ consumer: WAREHOUSE }),
  )
  return row?.position ?? 0
}
