import { HELD_COLUMNS } from '../held-rows.ts'
import { quoted } from '../names.ts'
import type { Warehouse } from '../warehouse.ts'

/** Makes the table of held rows, as state would; gives its quoted name. */
export async function makeHeldRows(warehouse: Warehouse): Promise<string> {
  const { dialect } = warehouse
  const columns = Object.entries(HELD_COLUMNS).map(
    ([name, type]) => `${dialect.identifier(name)} ${dialect.columnType(type)}`,
  )
  const name = quoted(dialect, 'held', 'held_rows')
  await warehouse.session(async (session) => {
    await session.run('create schema if not exists held')
    await session.run(`create table ${name} (${columns.join(', ')})`)
  })
  return name
}
