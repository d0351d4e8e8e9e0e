import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'

export interface StitchResult {
  readonly identifiers: number
  /** Of users. */
  readonly profiles: number
  readonly accounts: number
  /** Edges that a limit or a decision kept from being followed. */
  readonly refused: number
  /** Values that tie too many to name one. */
  readonly shared: number
}

/** What a run's stitching came to. */
export async function readStatistics(
  session: Session,
  names: Names,
  target: Names,
): Promise<StitchResult> {
  const count = (of: Names, table: string) => `(select count(*) from ${of.table('identity', table)})`
  const [row] = await session.query<StitchResult>(
    `select ${count(target, 'members')} as identifiers, ${count(target, 'profiles')} as profiles,
       ${count(target, 'accounts')} as accounts, ${count(names, 'refusals')} as refused, ${count(names, 'shared')} as shared`,
  )
  return row ?? { identifiers: 0, profiles: 0, accounts: 0, refused: 0, shared: 0 }
}
