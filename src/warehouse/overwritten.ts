import { MusterError } from '../core/errors.ts'
import { schemaName } from '../event/index.ts'
import type { Loadable } from './event-batch.ts'
import { DISCARDS } from './event-discards.ts'
import { type Columns, isOfMuster } from './event-schema.ts'
import type { HeldRows } from './held-rows.ts'
import { quoted } from './names.ts'
import type { Session, Warehouse } from './warehouse.ts'

/**
 * Deletes all rows of these events: from every event table of their source, discards and held rows. Gives the users whose
 * rows are to be made anew, by schema. Throws `table_refused` where rows may be that cannot be found.
 */
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
    const own = events.filter(({ source }) => schemaName(source) === schema)
    const { relation } = await session.stage(
      { id: 'string' },
      own.map(({ id }) => ({ id })),
    )
    const wanted = `select id from ${relation}`
    const written = new Set(own.flatMap(({ rows }) => rows.map(({ table }) => table)))
    const tables = await searched(session, schema, known, written)
    if (tables.has('identifies')) {
      const rows = await session.query<{ user_id: string }>(
        `select distinct user_id from ${quoted(dialect, schema, 'identifies')} where user_id is not null and id in (${wanted})`,
      )
      users.set(schema, new Set(rows.map(({ user_id }) => user_id)))
    }
    for (const [table, id] of tables) {
      await session.run(`delete from ${quoted(dialect, schema, table)} where ${id} in (${wanted})`)
    }
    await held.remove(session, schema, wanted)
  }
  return users
}

/** The tables that hold rows of events, with the column that says of which. Views and people's own tables hold none. */
async function searched(
  session: Session,
  schema: string,
  known: ReadonlyMap<string, Columns>,
  written: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const bases = await session.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_catalog = current_database() and table_schema = $1`,
    [schema],
  )
  const tables = new Map<string, string>()
  for (const { name } of bases) {
    const columns = known.get(`${schema}.${name}`)
    if (columns === undefined || name === 'users') continue
    const isOwn = name === DISCARDS || isOfMuster(columns)
    if (!isOwn && !written.has(name)) continue
    const id = name === DISCARDS ? 'row_id' : 'id'
    if (!isOwn || columns.get(id) !== 'string')
      throw refused(`${schema}.${name}`, isOwn ? id : '_load, _position, _identifier')
    tables.set(name, id)
  }
  return tables
}

function refused(table: string, columns: string): MusterError {
  const fault = `The table ${table} cannot be searched for rows to make anew: it lacks, or has of another type: ${columns}.`
  return new MusterError('table_refused', `${fault} Mend or rename it, and go on with the replay.`)
}
