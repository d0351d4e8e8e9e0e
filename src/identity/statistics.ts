import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'

export interface IdentityStatistics {
  readonly types: readonly { readonly type: string; readonly identifiers: number }[]
  /** Profiles by how many identifiers they have. */
  readonly sizes: readonly { readonly size: string; readonly profiles: number }[]
  readonly biggest: readonly { readonly profile_id: number; readonly identifiers: number }[]
  /** Values that tie too many to name one, the worst first; at most 20. */
  readonly shared: readonly {
    readonly type: string
    readonly value: string
    readonly tied: string
    readonly ties: number
  }[]
  readonly refused: readonly { readonly reason: string; readonly edges: number }[]
  /** Merges and splits of the latest runs that had any; at most 20. */
  readonly changes: readonly {
    readonly run: number
    readonly kind: string
    readonly profiles: number
    readonly identifiers: number
  }[]
}

/** Bounds of the sizes that profiles are counted by. */
const SIZES = [
  ['1', 1],
  ['2', 2],
  ['3–5', 5],
  ['6–10', 10],
  ['11–100', 100],
  ['101 and more', Infinity],
] as const

export async function identityStatistics(session: Session, names: Names): Promise<IdentityStatistics> {
  const table = (name: string) => names.table('identity', name)
  const joined = `${table('members')} m join ${table('identifiers')} i on i.id = m.identifier`
  const cases = SIZES.map(([size, most]) => (most === Infinity ? `else '${size}'` : `when n <= ${most} then '${size}'`))
  return {
    types: await session.query(`select i.type, count(*) as identifiers from ${joined} group by 1 order by 2 desc, 1`),
    sizes: await session.query(
      `select case ${cases.join(' ')} end as size, count(*) as profiles from
         (select count(*) as n from ${table('members')} group by profile_id) x group by 1 order by min(n)`,
    ),
    biggest: await session.query(
      `select profile_id, count(*) as identifiers from ${table('members')} group by 1 order by 2 desc, 1 limit 10`,
    ),
    shared: await session.query(
      `select i.type, i.value, s.tied, s.ties from ${table('shared')} s join ${table('identifiers')} i on i.id = s.identifier
       order by s.ties desc, i.id limit 20`,
    ),
    refused: await session.query(
      `select reason, count(*) as edges from ${table('refusals')} group by 1 order by 2 desc, 1`,
    ),
    changes: await session.query(
      `select run, kind, count(*) as profiles, cast(sum(identifiers) as bigint) as identifiers from ${table('changes')}
       group by 1, 2 order by 1 desc, 2 limit 20`,
    ),
  }
}

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
export async function readStatistics(session: Session, names: Names, target: Names): Promise<StitchResult> {
  const count = (of: Names, table: string) => `(select count(*) from ${of.table('identity', table)})`
  const [row] = await session.query<StitchResult>(
    `select ${count(target, 'members')} as identifiers, ${count(target, 'profiles')} as profiles,
       ${count(target, 'accounts')} as accounts, ${count(names, 'refusals')} as refused, ${count(names, 'shared')} as shared`,
  )
  return row ?? { identifiers: 0, profiles: 0, accounts: 0, refused: 0, shared: 0 }
}
