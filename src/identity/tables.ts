import type { Names } from '../warehouse/names.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** What is looked up by value, where the engine needs an index for it. */
const LOOKED_UP: Readonly<Record<string, readonly string[]>> = {
  identifiers: ['value', 'id'],
  computed: ['raw'],
  edges: ['a', 'b'],
  sightings: ['identifier'],
  ids: ['identifier', 'profile_id'],
  members: ['identifier', 'component', 'profile_id'],
}

const TABLES: Readonly<Record<string, string>> = {
  identifiers: 'id bigint, type text, value text',
  /** Values that SQL cannot normalise, as code did. */
  computed: 'type text, raw text, value text',
  /** One row a pair and source; `a` is the stronger end; `evidence` is the event or row that proved it first. */
  edges: 'a bigint, b bigint, source text, evidence text, first_seen timestamptz, last_seen timestamptz',
  /** Where each identifier was found. */
  sightings: 'identifier bigint, source text, first_seen timestamptz, last_seen timestamptz',
  /** Which account a user's identifier was found with. */
  belongings: 'identifier bigint, account bigint, source text, first_seen timestamptz, last_seen timestamptz',
  /** What the project's decisions say of which identifiers. */
  decisions: 'action text, a bigint, b bigint, note text',
  /** How far each source has been searched, by which rules. `later`: some row is of a time after `as_of`, and not collected yet. */
  progress: 'source text, load bigint, rules text, as_of timestamptz, later boolean',
  /** What changed since the last stitching; `regroup` where ties did. */
  touched: 'identifier bigint, regroup boolean, mark bigint',
  /** Profile ids as first assigned: never rewritten, so that ids are stable. */
  ids: 'identifier bigint, profile_id bigint, assigned_at timestamptz',
  /** `component` is the first identifier of what hangs together, limits aside. */
  members: 'identifier bigint, component bigint, profile_id bigint',
  /** Values that tie too many profiles to name one: `ties` of them to identifiers of the type `tied`. */
  shared: 'identifier bigint, tied text, ties bigint',
  /** Edges not followed because of a limit, by the type it is of, or of a decision. */
  refusals: 'a bigint, b bigint, reason text',
  changes: 'run bigint, kind text, from_profile bigint, to_profile bigint, identifiers bigint, changed_at timestamptz',
}

/** Creates the tables of identity that are missing. One that an earlier version made otherwise is made anew, but for those that remember. */
export async function createIdentityTables(warehouse: Warehouse, names: Names): Promise<void> {
  const { dialect } = warehouse
  const schema = names.schema('identity')
  const existing = await warehouse.columns(schema)
  await warehouse.transaction('load', async (session) => {
    await session.run(`create schema if not exists ${dialect.identifier(schema)}`)
    for (const [table, columns] of Object.entries(TABLES)) {
      const known = existing.get(`${schema}.${table}`)
      const wanted = columns.split(', ').map((column) => column.split(' ')[0])
      if (known && wanted.every((column) => known.has(column ?? ''))) continue
      const name = names.table('identity', table)
      if (known) await session.run(`drop table ${name} cascade`)
      await session.run(`create table ${name} (${columns})`)
      for (const lookUp of dialect.lookUps(name, LOOKED_UP[table] ?? [])) await session.run(lookUp)
    }
  })
}
