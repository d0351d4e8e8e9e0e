import { schemaName } from '../event/index.ts'
import type { Loadable } from './event-batch.ts'
import { type Columns, DERIVED_TABLES } from './event-schema.ts'
import type { HeldRows } from './held-rows.ts'
import { quoted } from './names.ts'
import type { Session, Warehouse } from './warehouse.ts'

/** Deletes all rows of these events: from every event table of their source, discards and held rows. Gives the users whose rows are to be made anew, by schema. */
export async function deleteRowsOf(
  session: Session,
  warehouse: Warehouse,
  known: ReadonlyMap<string, Columns>,
  held: HeldRows,
  events: readonly Loadable[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { dialect } = warehouse
  const users = new Map<string, ReadonlySet<string>>()
  for (const schema of new Set(events.map(({ source }) => schemaName(source)))) {
    const ids = events.filter(({ source }) => schemaName(source) === schema).map(({ id }) => ({ id }))
    const { relation } = await session.stage({ id: 'string' }, ids)
    const wanted = `select id from ${relation}`
    const tables = [...known]
      .filter(([name]) => name.startsWith(`${schema}.`))
      .map(([name]) => name.slice(schema.length + 1))
    if (tables.includes('identifies')) {
      const rows = await session.query<{ user_id: string }>(
        `select distinct user_id from ${quoted(dialect, schema, 'identifies')} where user_id is not null and id in (${wanted})`,
      )
      users.set(schema, new Set(rows.map(({ user_id }) => user_id)))
    }
    for (const table of tables.filter(
      (name) => !DERIVED_TABLES.has(name) && known.get(`${schema}.${name}`)?.has('id'),
    )) {
      await session.run(`delete from ${quoted(dialect, schema, table)} where id in (${wanted})`)
    }
    if (tables.includes('discards')) {
      await session.run(`delete from ${quoted(dialect, schema, 'discards')} where row_id in (${wanted})`)
    }
    await held.remove(session, schema, wanted)
  }
  return users
}
