/**
 * The tombstones of a project: whose events never land again, as far as they are from before the deletion.
 */
import type { Effects } from '../core/effects.ts'
import { type Identifier, type Tombstone, Tombstones, tombstoneHash } from '../event/index.ts'
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { readSalt, requireSalt } from './salt.ts'

export class TombstoneList {
  readonly #state: State
  readonly #effects: Effects
  #inForce: Promise<Tombstones> | undefined

  constructor(state: State, effects: Effects) {
    this.#state = state
    this.#effects = effects
  }

  /** As they are now; read once and kept in memory. */
  inForce(): Promise<Tombstones> {
    this.#inForce ??= this.#read().catch((error: unknown) => {
      this.#inForce = undefined
      throw error
    })
    return this.#inForce
  }

  /** Within a transaction of the lane `state`; `reload` puts them in force once it has committed. Gives the hashes. */
  async add(
    session: Session,
    deletion: string,
    identifiers: readonly Identifier[],
    erasedAt: Date,
  ): Promise<readonly string[]> {
    const salt = await requireSalt(session, this.#state, this.#effects)
    const rows = identifiers.map((identifier) => ({
      hash: tombstoneHash(salt, identifier),
      type: identifier.type,
      erased_at: erasedAt,
      deletion,
    }))
    if (rows.length > 0) await session.run(this.#state.table('tombstones').insert(rows))
    return rows.map(({ hash }) => hash)
  }

  async reload(): Promise<void> {
    this.#inForce = undefined
    await this.inForce()
  }

  async #read(): Promise<Tombstones> {
    return this.#state.warehouse.session(async (session) => {
      const rows = await session.query<{ hash: string; type: string; erased_at: Date }>(
        this.#state.table('tombstones').select('hash', 'type', 'erased_at'),
      )
      const tombstones = rows.map(({ hash, type, erased_at }): Tombstone => ({ hash, type, erasedAt: erased_at }))
      return new Tombstones((await readSalt(session, this.#state)) ?? '', tombstones)
    })
  }
}
