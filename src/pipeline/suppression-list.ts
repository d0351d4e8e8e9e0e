/**
 * The suppression list: whose events are acknowledged and not stored. It names nobody: only salted hashes are kept.
 */
import type { Effects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import { identifierText, type Suppressed, suppressionHash } from '../event/index.ts'
import { writeSuppressions } from '../gateway/index.ts'
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { readSalt, requireSalt } from './salt.ts'

export class SuppressionList {
  readonly #state: State
  readonly #file: string
  readonly #effects: Effects

  /** `file` is what the collector reads. */
  constructor(state: State, file: string, effects: Effects) {
    this.#state = state
    this.#file = file
    this.#effects = effects
  }

  /** Suppresses these user ids or anonymous ids; resolves once the collector's file says so. Those known keep their reason. */
  async add(ids: readonly string[], reason: string): Promise<void> {
    await this.#change(ids, async (session, hashes) => {
      const since = this.#effects.now()
      const rows = hashes.map((hash) => ({ hash, reason, since }))
      const known = await this.#known(session, hashes)
      const added = rows.filter(({ hash }) => !known.has(hash))
      if (added.length > 0) await session.run(this.#state.table('suppressions').insert(added))
    })
  }

  /** Lets events of these ids be stored again. */
  async remove(ids: readonly string[]): Promise<void> {
    await this.#change(ids, async (session, hashes) => {
      await session.run(this.#state.table('suppressions').whereIn('hash', hashes).delete())
    })
  }

  /** Those of the ids that are suppressed. */
  async among(ids: readonly string[]): Promise<readonly string[]> {
    return this.#state.warehouse.session(async (session) => {
      const salt = await readSalt(session, this.#state)
      if (salt === undefined) return []
      const known = await this.#known(session, hashesOf(salt, ids))
      return ids.filter((id) => known.has(suppressionHash(salt, textOf(id))))
    })
  }

  async count(): Promise<number> {
    const [row] = await this.#state.warehouse.session((session) =>
      session.query<{ count: number }>(this.#state.table('suppressions').count({ count: '*' })),
    )
    return Number(row?.count ?? 0)
  }

  /** Writes the collector's file; until there is one, nothing is collected. */
  async publish(): Promise<void> {
    await writeSuppressions(this.#file, await this.#state.transaction((session) => this.#all(session)))
  }

  /** The file is written before the transaction commits: it may suppress too early, never too late. */
  async #change(
    ids: readonly string[],
    work: (session: Session, hashes: readonly string[]) => Promise<void>,
  ): Promise<void> {
    await this.#state.transaction(async (session) => {
      const salt = await requireSalt(session, this.#state, this.#effects)
      await work(session, hashesOf(salt, ids))
      await writeSuppressions(this.#file, await this.#all(session))
    })
  }

  async #all(session: Session): Promise<Suppressed> {
    const rows = await session.query<{ hash: string }>(this.#state.table('suppressions').select('hash'))
    return { salt: (await readSalt(session, this.#state)) ?? '', hashes: rows.map(({ hash }) => hash) }
  }

  async #known(session: Session, hashes: readonly string[]): Promise<ReadonlySet<string>> {
    const query = this.#state.table('suppressions').select('hash').whereIn('hash', hashes)
    return new Set((await session.query<{ hash: string }>(query)).map(({ hash }) => hash))
  }
}

function hashesOf(salt: string, ids: readonly string[]): readonly string[] {
  return [...new Set(ids.map((id) => suppressionHash(salt, textOf(id))))]
}

function textOf(id: string): string {
  const text = identifierText(id)
  if (text !== undefined) return text
  throw new MusterError('usage', `${JSON.stringify(id)} is no id of a user or device`)
}
