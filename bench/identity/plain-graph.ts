/**
 * The plain program an expert would write for the same tables: no limits, no history, no evidence; phones stay as written.
 * Both ways to group start from the same two tables, `plain.ids` and `pairs`.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLES } from './raw-identifiers.ts'

/** `ids (id, value)` numbered from 0, where a value begins with its type, and `pairs (a, b)`. Gives how many ids there are. */
export async function makePlainGraph(connection: DuckDBConnection): Promise<number> {
  await connection.run('create schema plain')
  await connection.run(`create temp table found as ${Object.entries(TABLES).flatMap(pairsOf).join(' union all ')}`)
  await connection.run(`create table plain.ids as select (row_number() over () - 1)::integer as id, value from
    (select va as value from found union select vb from found)`)
  await connection.run(`create temp table pairs as select x.id as a, y.id as b from found f
    join plain.ids x on x.value = f.va join plain.ids y on y.value = f.vb`)
  const reader = await connection.runAndReadAll('select count(*)::integer from plain.ids')
  return Number(reader.getRows()[0]?.[0])
}

/** The strongest identifier of a row with each of the others. */
function pairsOf([table, columns]: readonly [string, readonly string[]]): readonly string[] {
  return columns.flatMap((a, i) => {
    const weaker = columns.slice(0, i).map((column) => ` and ${column} is null`)
    const arm = (b: string) => `select ${typed(a)} as va, ${typed(b)} as vb from ${table}
      where ${a} is not null and ${b} is not null${weaker.join('')}`
    return columns.slice(i + 1).map(arm)
  })
}

const typed = (column: string): string => `'${column[0]}:' || ${normal(column)}`

const normal = (column: string): string => (column === 'email' ? `lower(trim(${column}))` : `trim(${column})`)
