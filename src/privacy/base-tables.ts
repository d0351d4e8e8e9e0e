import type { Columns } from '../warehouse/event-schema.ts'
import { quoted } from '../warehouse/names.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** A table, no view. */
export interface BaseTable {
  readonly schema: string
  readonly name: string
  /** Quoted, for SQL. */
  readonly table: string
  readonly columns: Columns
}

export async function baseTables(warehouse: Warehouse): Promise<readonly BaseTable[]> {
  const columns = await warehouse.columns()
  const rows = await warehouse.session((session) =>
    session.query<{ schema: string; name: string }>(
      `select table_schema as schema, table_name as name from information_schema.tables
       where table_type = 'BASE TABLE' order by 1, 2`,
    ),
  )
  return rows.flatMap(({ schema, name }) => {
    const found = columns.get(`${schema}.${name}`)
    return found === undefined ? [] : [{ schema, name, table: quoted(warehouse.dialect, schema, name), columns: found }]
  })
}

/** Event tables are known by the loader's columns, whether or not their source is still in muster.yaml. */
export function isEventTable({ columns }: BaseTable): boolean {
  return ['_load', '_position', '_identifier'].every((column) => columns.has(column))
}
