/**
 * Standing: how an event that is read again stands in the warehouse.
 *
 * missing   no row is there
 * whole     this very copy is there, in all its tables
 * partial   some of its rows are gone, or may be there where that cannot be seen
 * later     only a later copy of the message is there
 * copy      an earlier copy of the message is there: this one is a duplicate
 */
import { schemaName } from '../event/index.ts'
import type { Loadable } from './event-batch.ts'
import { DISCARDS } from './event-discards.ts'
import type { Columns } from './event-schema.ts'
import { PRIMARY_TABLES } from './event-schema.ts'
import { quoted } from './names.ts'
import type { Warehouse } from './warehouse.ts'

export type Standing = 'missing' | 'whole' | 'partial' | 'later' | 'copy'

export interface StandingInput {
  readonly warehouse: Warehouse
  /** Quoted name of the table of held rows: what waits there is not missing. */
  readonly heldRows: string
  /** Rows are to be made anew, but for those of later loads than this; absent: they are not. */
  readonly before?: number | undefined
}

/** A row found for a message id or user id. */
interface Found {
  readonly table: string
  readonly id: string
  readonly received_at: Date | null
  readonly position: number | string | null
  readonly load: number | string | null
}

interface Copy {
  readonly receivedAt: number
  readonly position: number | null
  readonly load: number | null
}

/** What a source's tables hold of some ids. */
interface Stock {
  /** By message id; the earliest first. */
  readonly copies: ReadonlyMap<string, readonly Copy[]>
  /** `table`, a space and the id of the row. */
  readonly rows: ReadonlySet<string>
  /** Message ids of which some row is there. */
  readonly touched: ReadonlySet<string>
  /** Tables that are there and cannot be searched. */
  readonly unreadable: ReadonlySet<string>
}

/** The standing of each event, in their order. */
export async function standingOf(events: readonly Loadable[], input: StandingInput): Promise<readonly Standing[]> {
  const stocks = new Map<string, Stock>()
  for (const schema of new Set(events.map(({ source }) => schemaName(source)))) {
    const own = events.filter(({ source }) => schemaName(source) === schema)
    const { found, unreadable } = await findRows(schema, own, input)
    stocks.set(schema, { ...stockOf(found), unreadable })
  }
  return events.map((event) => {
    const stock = stocks.get(schemaName(event.source))
    return stock === undefined ? 'missing' : standing(event, stock, input.before)
  })
}

function standing(event: Loadable, stock: Stock, before: number | undefined): Standing {
  const { copies, touched, unreadable } = stock
  const [earliest] = copies.get(event.id) ?? []
  if (earliest === undefined) {
    const hidden = event.rows.some(({ table }) => unreadable.has(table))
    return hidden || touched.has(event.id) ? 'partial' : 'missing'
  }
  if (before !== undefined && (earliest.load ?? 0) > before) return 'copy'
  const receivedAt = Date.parse(String(event.rows[0]?.values.get('received_at')?.value))
  if (isSame(earliest, { receivedAt, position: event.position }, before))
    return isWhole(event, stock) ? 'whole' : 'partial'
  const earlier = earliest.receivedAt - receivedAt || (earliest.position ?? 0) - event.position
  return earlier < 0 ? 'copy' : 'later'
}

/** Lines of imports and the log may have equal positions. Where rows are to be made anew, one of both may have been altered. */
function isSame(
  stored: Copy,
  { receivedAt, position }: { readonly receivedAt: number; readonly position: number },
  before: number | undefined,
): boolean {
  const received = stored.receivedAt === receivedAt
  const placed = stored.position === position
  return before === undefined ? received && placed : received || placed
}

function isWhole(event: Loadable, { rows, unreadable }: Stock): boolean {
  return event.rows.every(
    ({ table, values }) => unreadable.has(table) || rows.has(`${table} ${values.get('id')?.value}`),
  )
}

function stockOf(found: readonly Found[]): Omit<Stock, 'unreadable'> {
  const copies = new Map<string, Copy[]>()
  const rows = new Set<string>()
  const touched = new Set<string>()
  for (const { table, id, received_at, position, load } of found) {
    rows.add(`${table} ${id}`)
    if (table !== 'users') touched.add(id)
    if (!PRIMARY_TABLES.includes(table)) continue
    const copy = { receivedAt: received_at?.getTime() ?? 0, position: numberOf(position), load: numberOf(load) }
    copies.set(id, [...(copies.get(id) ?? []), copy].sort(byAge))
  }
  return { copies, rows, touched }
}

function byAge(a: Copy, b: Copy): number {
  return a.receivedAt - b.receivedAt || (a.position ?? 0) - (b.position ?? 0)
}

function numberOf(value: number | string | null): number | null {
  return value === null ? null : Number(value)
}

async function findRows(
  schema: string,
  events: readonly Loadable[],
  { warehouse, heldRows }: StandingInput,
): Promise<{ readonly found: readonly Found[]; readonly unreadable: ReadonlySet<string> }> {
  const known = await warehouse.columns(schema)
  const rows = events.flatMap((event) => event.rows)
  const tables = new Set([...PRIMARY_TABLES, ...rows.map(({ table }) => table), DISCARDS])
  const columnsOf = (table: string) => known.get(`${schema}.${table}`)
  const unreadable = new Set(
    [...tables].filter((table) => columnsOf(table) && columnsOf(table)?.get(idOf(table)) !== 'string'),
  )
  const ids = new Set([...events.map(({ id }) => id), ...rows.map(({ values }) => String(values.get('id')?.value))])
  return warehouse.session(async (session) => {
    const { relation } = await session.stage(
      { id: 'string' },
      [...ids].map((id) => ({ id })),
    )
    const wanted = `select id from ${relation}`
    const parts = [...tables].flatMap((table) => {
      const columns = columnsOf(table)
      return columns === undefined || unreadable.has(table) ? [] : partOf(warehouse, schema, table, columns, wanted)
    })
    parts.push(
      `select table_name as "table", row_id as id, received_at, position, null as load from ${heldRows}
       where table_schema = ${warehouse.dialect.text(schema)} and row_id in (${wanted})`,
    )
    return { found: await session.query<Found>(parts.join(' union all ')), unreadable }
  })
}

function idOf(table: string): string {
  return table === DISCARDS ? 'row_id' : 'id'
}

/** The rows of one table; columns that a person dropped are null. */
function partOf({ dialect }: Warehouse, schema: string, table: string, columns: Columns, wanted: string): string[] {
  const id = idOf(table)
  const column = (name: string, type: 'int' | 'datetime') =>
    columns.get(name) === type ? dialect.identifier(name) : `cast(null as ${dialect.columnType(type)})`
  return [
    `select ${dialect.text(table)} as "table", ${id} as id, ${column('received_at', 'datetime')} as received_at,
       ${column('_position', 'int')} as position, ${column('_load', 'int')} as load
     from ${quoted(dialect, schema, table)} where ${id} in (${wanted})`,
  ]
}
