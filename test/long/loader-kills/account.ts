/**
 * The account: how the tables differ from what was acknowledged.
 */

import { requireProject } from '../../../src/project/index.ts'
import { openWarehouse } from '../../../src/warehouse/open-warehouse.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import type { Expected } from './expected.ts'

export interface Account {
  readonly loads: number
  readonly faults: readonly string[]
}

/** Of a project that nobody serves any more. */
export async function accountFor(dir: string, expected: Expected): Promise<Account> {
  await using warehouse = await openWarehouse(await requireProject(dir, { variables: process.env }))
  const faults = [
    ...(await tableFaults(warehouse, expected)),
    ...(await userFaults(warehouse, expected)),
    ...(await discardFaults(warehouse, expected)),
    ...(await priceFaults(warehouse, expected)),
  ]
  const held = await list(warehouse, 'select row_id from muster.held_rows')
  if (held.length > 0) faults.push(`${held.length} rows are still held`)
  const loads = await list(warehouse, 'select id from muster.loads')
  return { loads: loads.length, faults }
}

async function tableFaults(warehouse: Warehouse, { ids }: Expected): Promise<readonly string[]> {
  const known = [...(await warehouse.columns('web')).keys()].map((name) => name.slice('web.'.length))
  const tables = new Set([...ids.keys(), ...known.filter((table) => !['users', 'discards'].includes(table))])
  const faults: string[] = []
  for (const table of tables) {
    const found = known.includes(table) ? await list(warehouse, `select id from web.${table}`) : []
    faults.push(...differences(table, ids.get(table) ?? new Set(), found))
  }
  return faults
}

async function userFaults(warehouse: Warehouse, { users }: Expected): Promise<readonly string[]> {
  const columns = (await warehouse.columns('web')).get('web.users') ?? new Map()
  const traits = ['seen', 'plan', 'city'].filter((trait) => columns.has(trait))
  const rows = await warehouse.session((session) => session.query(`select id, ${traits.join(', ')} from web.users`))
  const lineOf = (id: unknown, valueIn: (trait: string) => unknown) =>
    JSON.stringify([id, ...traits.map((trait) => valueIn(trait) ?? null)])
  const wanted = [...users].map(([id, user]) => lineOf(id, (trait) => user.get(trait)?.value))
  const found = rows.map((row) => lineOf(row.id, (trait) => row[trait]))
  return differences('users', new Set(wanted), found)
}

async function discardFaults(warehouse: Warehouse, { discards }: Expected): Promise<readonly string[]> {
  const found = await list(
    warehouse,
    `select row_id || ' ' || column_name || ' ' || column_value ||
       case when reason like 'The view public.prices reads web.price_seen.%' then '' else ': ' || reason end
     from web.discards`,
  )
  return differences('discards', discards, found)
}

/** Where fractions were discarded the row is there, without them. */
async function priceFaults(warehouse: Warehouse, { discards }: Expected): Promise<readonly string[]> {
  const columns = new Set([...discards].map((line) => line.split(' ')[1]))
  const faults: string[] = []
  for (const column of columns) {
    const found = await list(
      warehouse,
      `select coalesce(cast(${column} as text), 'none') || ' ' || count(*) from web.price_seen
       where id like '${column?.slice('price_'.length)}-%' group by ${column} order by 1`,
    )
    if (found.join(', ') !== '7 20, 8.5 20, none 20') faults.push(`${column}: ${found.join(', ')}`)
  }
  return faults
}

function differences(table: string, wanted: ReadonlySet<string>, found: readonly string[]): readonly string[] {
  const distinct = new Set(found)
  const missing = [...wanted].filter((line) => !distinct.has(line))
  const added = [...distinct].filter((line) => !wanted.has(line))
  const twice = found.length - distinct.size
  if (missing.length + added.length + twice === 0) return []
  const some = `such as ${[...missing, ...added].slice(0, 3).join(' and ')}`
  return [`${table}: ${missing.length} missing, ${added.length} not expected, ${twice} twice; ${some}`]
}

/** The first column of all rows. */
async function list(warehouse: Warehouse, sql: string): Promise<readonly string[]> {
  const rows = await warehouse.session((session) => session.query(sql))
  return rows.map((row) => String(Object.values(row)[0]))
}
