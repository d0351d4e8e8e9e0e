import type { Warehouse } from '../../src/warehouse/warehouse.ts'

/** Muster's own columns that tell of the load, not of the event. */
const OF_THE_LOAD = new Set(['_load', '_identifier', 'uuid_ts'])

/** Every event table of these sources: its columns with their types, and its rows as sorted JSON. */
export async function eventTables(
  warehouse: Warehouse,
  schemas: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables: Record<string, readonly string[]> = {}
  const found = await warehouse.columns()
  for (const [name, columns] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [schema = '', table = ''] = name.split('.', 2)
    if (!schemas.includes(schema)) continue
    const shown = [...columns.keys()].filter((column) => !OF_THE_LOAD.has(column)).sort()
    const list = shown.map((column) => warehouse.dialect.identifier(column)).join(', ')
    const { identifier } = warehouse.dialect
    const rows = await warehouse.session((session) =>
      session.query(`select ${list} from ${identifier(schema)}.${identifier(table)}`),
    )
    const types = shown.map((column) => `${column} ${columns.get(column)}`)
    tables[name] = [types.join(', '), ...rows.map((row) => JSON.stringify(row)).sort()]
  }
  return tables
}
