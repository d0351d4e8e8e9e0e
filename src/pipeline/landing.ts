/**
 * Landing: the one place where loads are numbered, so that a run's watermark never passes a load still under way.
 */
import PQueue from 'p-queue'
import type { Effects } from '../core/effects.ts'
import type { State } from '../state/state.ts'
import type { EventLoader, Loadable } from '../warehouse/load-events.ts'
import type { Session } from '../warehouse/warehouse.ts'

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
  /** Runs in the load's transaction. */
  readonly also: (session: Session, landed: Landed) => Promise<void>
}

export interface Landed {
  readonly load: number
  readonly loaded: number
  readonly duplicates: number
  readonly rejected: number
}

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

  constructor(state: State, loader: EventLoader, effects: Effects) {
    this.#state = state
    this.#loader = loader
    this.#effects = effects
  }

  /** Number of the last committed load, 0 before the first: what a run may see. */
  async watermark(): Promise<number> {
    const [row] = await this.#state.warehouse.session((session) =>
      session.query<{ id: number | null }>(`select max(id) as id from ${this.#state.name('loads')}`),
    )
    return row?.id ?? 0
  }

  /** Lands a batch whole: rows, refusals, the load's record and whatever `also` does, or nothing. Loads take turns. */
  land(load: Load): Promise<Landed> {
    return this.#turns.add(async () => this.#land(load, (await this.watermark()) + 1))
  }

  async #land({ consumer, events, refusals, first, last, since, also }: Load, number: number): Promise<Landed> {
    const result = await this.#loader.load(events, {
      load: number,
      ...(since && { since }),
      also: async (session, { loaded, duplicates, discards }) => {
        await this.#insertRefusals(session, refusals)
        await session.run(
          this.#state.table('loads').insert({
            id: number,
            consumer,
            events: loaded,
            duplicates,
            discards,
            rejected: refusals.length,
            first_position: first,
            last_position: last,
            loaded_at: this.#effects.now(),
          }),
        )
        await also(session, { load: number, loaded, duplicates, rejected: refusals.length })
      },
    })
    return { load: number, loaded: result.loaded, duplicates: result.duplicates, rejected: refusals.length }
  }

  async #insertRefusals(session: Session, refusals: readonly Refusal[]): Promise<void> {
    if (refusals.length === 0) return
    const { relation } = await session.stage(
      REFUSAL_COLUMNS,
      refusals.map(({ receivedAt, ...refusal }) => ({ ...refusal, received_at: receivedAt })),
    )
    await session.run(
      `insert into ${this.#state.name('rejected_events')} (source, position, received_at, reason, body)
       select source, position, received_at, reason, body from ${relation}`,
    )
  }
}
