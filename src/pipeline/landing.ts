/**
 * Landing: the one place where loads are numbered, so that a run's watermark never passes a load still under way.
 */
import PQueue from 'p-queue'
import type { Effects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import type { State } from '../state/state.ts'
import type { Waiting, WaitingRange } from '../warehouse/held-rows.ts'
import type { EventLoader, Loadable, LoadResult } from '../warehouse/load-events.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { Mending, type Tried } from './mending.ts'
import { MAX_BODY, storedText } from './stored-text.ts'
import { TombstoneList } from './tombstone-list.ts'

export interface Refusal {
  readonly source: string
  readonly position: number
  readonly receivedAt: string
  readonly reason: string
  readonly body: string
}

export interface Load {
  /** `warehouse`, or `import:<id>`. */
  readonly consumer: string
  readonly events: readonly Loadable[]
  readonly refusals: readonly Refusal[]
  /** Positions in the log, or lines of the import, that this load covers. */
  readonly first: number
  readonly last: number
  /** Earlier copies are looked for among rows received since; absent: among all. */
  readonly since?: Date
  /** Whatever rows the events have are deleted and made anew. */
  readonly overwrite?: boolean
  /** Runs in the load's transaction. */
  readonly also: (session: Session, landed: Landed) => Promise<void>
}

/** What the table of loads says of one, besides its counts. */
interface LoadRecord {
  readonly id: number
  readonly consumer: string
  readonly rejected: number
  readonly erased: number
  readonly first: number
  readonly last: number
}

export interface Landed extends LoadResult {
  readonly load: number
  readonly rejected: number
  /** Events and refusals of people who were deleted, kept nowhere. */
  readonly erased: number
}

/** Consumers that bring files, of which nobody knows when their events came in first. */
const FILES = 'import:'

const REFUSAL_COLUMNS = {
  source: 'string',
  position: 'int',
  received_at: 'datetime',
  reason: 'string',
  body: 'string',
} as const

export class Landing {
  readonly #state: State
  readonly #loader: EventLoader
  readonly #effects: Effects
  readonly #turns = new PQueue({ concurrency: 1 })
  /** A turn a try: live events do not wait for all that is held. */
  readonly #mending = new Mending((table, range) => this.#turns.add(() => this.#tryToLand(table, range)))
  /** Whose earlier events never land again: live, imported or replayed, they all pass here. */
  readonly tombstones: TombstoneList

  constructor(state: State, loader: EventLoader, effects: Effects) {
    this.#state = state
    this.#loader = loader
    this.#effects = effects
    this.tombstones = new TombstoneList(state, effects)
  }

  /** Number of the last committed load, 0 before the first: what a run may see. */
  async watermark(): Promise<number> {
    const [row] = await this.#state.warehouse.session((session) =>
      session.query<{ id: number | null }>(`select max(id) as id from ${this.#state.name('loads')}`),
    )
    return row?.id ?? 0
  }

  /** Events and refusals of deleted people that a consumer brought, kept nowhere. */
  async erasedBy(consumer: string): Promise<number> {
    const [row] = await this.#state.warehouse.session((session) =>
      session.query<{ erased: number }>(
        `select cast(coalesce(sum(erased), 0) as bigint) as erased from ${this.#state.name('loads')} where consumer = $1`,
        [consumer],
      ),
    )
    return row?.erased ?? 0
  }

  /** Lands a batch whole: rows, refusals, the load's record and whatever `also` does, or nothing. Loads take turns. */
  land(load: Load): Promise<Landed> {
    return this.#turns.add(async () => this.#land(await this.#withoutErased(load), (await this.watermark()) + 1))
  }

  /** Runs work that changes event tables, while nothing lands. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.add(async () => {
      try {
        return await work()
      } finally {
        this.#loader.forget()
      }
    })
  }

  /** Lands what is held of one table, oldest first, but for the rows that it still refuses. Gives how many rows landed. */
  mend(table: string, signal: AbortSignal): Promise<number> {
    return this.#mending.of(table, signal)
  }

  /** `schema.table` of those that rows wait for. */
  waitingFor(): Promise<ReadonlySet<string>> {
    return this.#loader.waitingFor()
  }

  async #withoutErased(load: Load): Promise<Load & { readonly erased: number }> {
    const tombstones = await this.tombstones.inForce()
    if (tombstones.size === 0) return { ...load, erased: 0 }
    const live = !load.consumer.startsWith(FILES)
    const events = load.events.filter((event) => !tombstones.erases(event, { live }))
    const refusals = load.refusals.filter(
      ({ body, receivedAt }) => !tombstones.erasesText(body, live ? receivedAt : undefined),
    )
    const erased = load.events.length - events.length + load.refusals.length - refusals.length
    return { ...load, events, refusals, erased }
  }

  async #land(load: Load & { readonly erased: number }, number: number): Promise<Landed> {
    const { consumer, events, refusals, first, last, since, overwrite = false, erased, also } = load
    const rejected = refusals.length
    const result = await this.#loader.load(events, {
      load: number,
      overwrite,
      ...(since && { since }),
      also: async (session, counts) => {
        await this.#insertRefusals(session, refusals)
        await this.#record(session, { id: number, consumer, rejected, erased, first, last }, counts)
        await also(session, { load: number, rejected, erased, ...counts })
      },
    })
    return { load: number, rejected, erased, ...result }
  }

  async #tryToLand(table: string, range: WaitingRange): Promise<Tried | undefined> {
    const waiting = await this.#loader.waiting(table, range)
    if (!waiting) return undefined
    const { first, last, rows, checked, unchecked } = waiting
    const tried = { first, last, events: checked.length + unchecked.length }
    try {
      await this.#release(waiting)
      return { ...tried, landed: rows }
    } catch (error) {
      if (error instanceof MusterError && error.code === 'table_refused') return { ...tried, landed: 0 }
      throw error
    }
  }

  async #release(waiting: Waiting): Promise<void> {
    const { first, last } = waiting
    const counted = { consumer: `held:${waiting.name}`, rejected: 0, erased: 0, first, last }
    const number = (await this.watermark()) + 1
    await this.#loader.release(waiting, {
      load: number,
      also: (session, result) => this.#record(session, { id: number, ...counted }, result),
    })
  }

  async #record(session: Session, load: LoadRecord, { loaded, duplicates, discards, held }: LoadResult): Promise<void> {
    const { id, consumer, rejected, erased, first, last } = load
    await session.run(
      this.#state.table('loads').insert({
        id,
        consumer,
        events: loaded,
        duplicates,
        discards,
        held,
        rejected,
        erased,
        first_position: first,
        last_position: last,
        loaded_at: this.#effects.now(),
      }),
    )
  }

  async #insertRefusals(session: Session, refusals: readonly Refusal[]): Promise<void> {
    if (refusals.length === 0) return
    const { relation } = await session.stage(
      REFUSAL_COLUMNS,
      refusals.map(({ receivedAt, reason, body, ...refusal }) => ({
        ...refusal,
        received_at: receivedAt,
        reason: storedText(reason),
        body: storedText(body, MAX_BODY),
      })),
    )
    await session.run(
      `insert into ${this.#state.name('rejected_events')} (source, position, received_at, reason, body)
       select source, position, received_at, reason, body from ${relation}`,
    )
  }
}
