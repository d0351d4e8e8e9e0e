/**
 * Duplicates: events of which a source has an earlier copy, in its tables or among the rows held for them.
 */

import { schemaName } from '../event/index.ts'
import type { Loadable } from './event-batch.ts'
import { type Columns, PRIMARY_TABLES, unfit } from './event-schema.ts'
import { isTableFault } from './event-tables.ts'
import { quoted } from './names.ts'
import type { Warehouse } from './warehouse.ts'

export interface DuplicateSearch {
  readonly known: ReadonlyMap<string, Columns>
  /** Earlier copies are looked for among rows received at or after this instant; absent: among all. */
  readonly since: Date | undefined
  /** SQL of the ids of rows held for a schema's tables; undefined when none are held. */
  readonly heldIds: (schema: string) => string | undefined
  /** `schema.table` of those that cannot be read → why. */
  readonly unreadable: ReadonlyMap<string, string>
}

/** The first of each message id of a source. */
export function firstCopies(events: readonly Loadable[]): readonly Loadable[] {
  const bySource = new Map<string, Set<string>>()
  return events.filter(({ source, id }) => {
    const ids = bySource.get(source) ?? new Set<string>()
    if (ids.size === 0) bySource.set(source, ids)
    return ids.size < ids.add(id).size
  })
}

/** The first of each message id in the batch, less those their source has already. */
export async function withoutDuplicates(
  warehouse: Warehouse,
  events: readonly Loadable[],
  search: DuplicateSearch,
): Promise<readonly Loadable[]> {
  const first = firstCopies(events)
  const stored = new Map<string, ReadonlySet<string>>()
  for (const [schema, ids] of idsBySchema(first)) stored.set(schema, await storedIds(warehouse, schema, ids, search))
  return first.filter(({ source, id }) => !stored.get(schemaName(source))?.has(id))
}

function idsBySchema(events: readonly Loadable[]): ReadonlyMap<string, readonly string[]> {
  const bySchema = new Map<string, string[]>()
  for (const { source, id } of events) {
    const schema = schemaName(source)
    const ids = bySchema.get(schema)
    if (ids) ids.push(id)
    else bySchema.set(schema, [id])
  }
  return bySchema
}

async function storedIds(
  warehouse: Warehouse,
  schema: string,
  ids: readonly string[],
  { known, since, heldIds, unreadable }: DuplicateSearch,
): Promise<ReadonlySet<string>> {
  const { dialect } = warehouse
  const where = since === undefined ? '' : ` where received_at >= ${dialect.timestamp(since)}`
  const tables = PRIMARY_TABLES.filter((table) => {
    const name = `${schema}.${table}`
    return known.has(name) && !unreadable.has(name)
  })
  const earlier = tables.map((table) => `select id from ${quoted(dialect, schema, table)}${where}`)
  const held = heldIds(schema)
  if (held !== undefined) earlier.push(held)
  if (earlier.length === 0) return new Set()
  // In the lane of loads, where no lock is waited for without end.
  return warehouse.transaction('load', async (session) => {
    const { relation } = await session.stage(
      { id: 'string' },
      ids.map((id) => ({ id })),
    )
    const rows = await session.query<{ id: string }>(
      `select distinct e.id from (${earlier.join(' union all ')}) e join ${relation} s on s.id = e.id`,
    )
    return new Set(rows.map(({ id }) => id))
  })
}

/** `schema.table` of the primary tables that are not as they must be to be searched → why. */
export function unsearchableTables(
  known: ReadonlyMap<string, Columns>,
  schemas: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const unsearchable = new Map<string, string>()
  for (const schema of schemas) {
    for (const table of PRIMARY_TABLES) {
      const columns = known.get(`${schema}.${table}`)
      const fault = columns && unfit(table, columns)
      if (fault !== undefined) unsearchable.set(`${schema}.${table}`, fault)
    }
  }
  return unsearchable
}

/** `schema.table` of the primary tables that the warehouse does not let us search → why. */
export async function unreadableTables(
  warehouse: Warehouse,
  known: ReadonlyMap<string, Columns>,
  schema: string,
): Promise<ReadonlyMap<string, string>> {
  const unreadable = new Map<string, string>()
  for (const table of PRIMARY_TABLES.filter((name) => known.has(`${schema}.${name}`))) {
    try {
      const name = quoted(warehouse.dialect, schema, table)
      await warehouse.transaction('load', (session) => session.query(`select id, received_at from ${name} limit 0`))
    } catch (error) {
      if (!isTableFault(error)) throw error
      unreadable.set(`${schema}.${table}`, error.message)
    }
  }
  return unreadable
}
