import type { Names } from '../warehouse/names.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** What is looked up by value: an identifier for each owner of a row that lands. */
const LOOKED_UP: Readonly<Record<string, readonly string[]>> = { identifiers: ['value'] }

/** The tables of identity and their columns; `members` and `profiles` are rebuilt by every run. */
const TABLES: Readonly<Record<string, string>> = {
  identifiers: 'id bigint, type text, value text',
  /** `a` is the stronger end. One row a pair and source, with the first proof. */
  edges: 'a bigint, b bigint, source text, evidence text, first_seen timestamptz',
  /** How far each table has been searched for edges. */
  progress: 'source text, load bigint, fingerprint text',
  /** Profile ids as first assigned: never rewritten, so that ids are stable. */
  ids: 'identifier bigint, profile_id bigint, assigned_at timestamptz',
  members: 'identifier bigint, profile_id bigint',
  /** Unions that a limit refused, and shared values that were kept apart. */
  refusals: 'a bigint, b bigint, reason text',
  changes: 'run bigint, kind text, from_profile bigint, to_profile bigint, identifiers bigint, changed_at timestamptz',
}

export async function createIdentityTables(warehouse: Warehouse, names: Names): Promise<void> {
  const { dialect } = warehouse
  const existing = await warehouse.columns(names.schema('identity'))
  await warehouse.transaction('load', async (session) => {
    await session.run(`create schema if not exists ${dialect.identifier(names.schema('identity'))}`)
    for (const [table, columns] of Object.entries(TABLES)) {
      if (existing.has(`${names.schema('identity')}.${table}`)) continue
      const name = names.table('identity', table)
      await session.run(`create table if not exists ${name} (${columns})`)
      for (const lookUp of dialect.lookUps(name, LOOKED_UP[table] ?? [])) await session.run(lookUp)
    }
  })
}
