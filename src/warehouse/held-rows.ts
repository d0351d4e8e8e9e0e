/**
 * Held rows: rows of events whose table could not take them. They wait, in order, until the table is mended.
 *
 * waits for   the table whose fault holds the row: its own, or that of the event's type where even copies could not be looked for
 * checked     whether the event was known to be no copy of an earlier one when it was held
 */
import { type Discard, type EventRow, RowValues, schemaName } from '../event/index.ts'
import type { Loadable } from './event-batch.ts'
import { DISCARDS } from './event-discards.ts'
import { PRIMARY_TABLES } from './event-schema.ts'
import type { Session, Warehouse } from './warehouse.ts'

export interface HeldRow {
  readonly event: Loadable
  readonly table: string
  readonly values: RowValues
  readonly waitsFor: string
  readonly checked: boolean
  readonly reason: string
}

/** Numbers of held rows after one and up to another, of so many events at most. */
export interface WaitingRange {
  readonly after: number
  readonly upTo: number
  readonly events: number
}

/** Rows that wait for one table, the oldest first. */
export interface Waiting {
  /** `schema.table` */
  readonly name: string
  readonly schema: string
  readonly waitsFor: string
  readonly first: number
  readonly last: number
  readonly rows: number
  /** What the rows are of, as it can be loaded again. */
  readonly checked: readonly Loadable[]
  readonly unchecked: readonly Loadable[]
}

/** An event has up to three rows, and a discard for each of its values at most. */
const MOST_ROWS_OF_AN_EVENT = 10_000

/** The columns of the table, as state makes it. */
export const HELD_COLUMNS = {
  number: 'int',
  table_schema: 'string',
  table_name: 'string',
  waits_for: 'string',
  source: 'string',
  row_id: 'string',
  position: 'int',
  user_id: 'string',
  anonymous_id: 'string',
  received_at: 'datetime',
  held_at: 'datetime',
  checked: 'boolean',
  reason: 'string',
  values: 'string',
} as const

export class HeldRows {
  readonly #warehouse: Warehouse
  readonly #table: string
  /** `schema.table` of those waited for, as long as only this object changes them. */
  #tables: ReadonlySet<string> | undefined

  /** `table` is the quoted name. */
  constructor(warehouse: Warehouse, table: string) {
    this.#warehouse = warehouse
    this.#table = table
  }

  /** `schema.table` of those that rows wait for. */
  async tables(): Promise<ReadonlySet<string>> {
    if (this.#tables === undefined) {
      const rows = await this.#warehouse.session((session) =>
        session.query<{ name: string }>(`select distinct table_schema || '.' || waits_for as name from ${this.#table}`),
      )
      this.#tables = new Set(rows.map(({ name }) => name))
    }
    return this.#tables
  }

  /** They are counted again before the next load. */
  forget(): void {
    this.#tables = undefined
  }

  /**
   * SQL of the ids of events whose own row is held for a schema; undefined when there are none. Of rows to be released only those
   * that came before count as earlier copies, and those known to be no copies.
   */
  idsIn(schema: string, released?: Waiting): string | undefined {
    const some = [...(this.#tables ?? [])].some((name) => name.startsWith(`${schema}.`))
    const { dialect } = this.#warehouse
    const primary = PRIMARY_TABLES.map(dialect.text).join(', ')
    const earlier = released === undefined ? '' : ` and (checked or number < ${released.first})`
    return some
      ? `select row_id as id from ${this.#table} where table_schema = ${dialect.text(schema)} and table_name in (${primary})${earlier}`
      : undefined
  }

  async hold(session: Session, rows: readonly HeldRow[], heldAt: Date): Promise<void> {
    if (rows.length === 0) return
    const [last] = await session.query<{ number: number | null }>(`select max(number) as number from ${this.#table}`)
    const lines = linesOf(rows, (last?.number ?? 0) + 1, heldAt)
    await session.append(this.#table, HELD_COLUMNS, lines)
  }

  /** The oldest rows that wait for a table, of so many events at most; an event that waits whole is never cut. */
  async waiting(name: string, { after, upTo, events }: WaitingRange): Promise<Waiting | undefined> {
    const [schema = '', waitsFor = ''] = name.split('.', 2)
    const read = (from: number, limit: number) =>
      this.#warehouse.session((session) =>
        session.query<StoredRow>(
          `select number, table_name, source, row_id, position, checked, "values" from ${this.#table}
           where table_schema = $1 and waits_for = $2 and number > $3 and number <= $4 order by number limit ${limit}`,
          [schema, waitsFor, from, upTo],
        ),
      )
    const rows = await read(after, events)
    const end = rows.at(-1)
    const first = rows[0]?.number
    if (end === undefined || first === undefined) return undefined
    if (!end.checked) {
      for (const row of await read(end.number, MOST_ROWS_OF_AN_EVENT)) {
        if (row.checked || row.position !== end.position || row.row_id !== end.row_id) break
        rows.push(row)
      }
    }
    const last = rows.at(-1)?.number ?? first
    const checked = eventsOf(rows.filter((row) => row.checked))
    const unchecked = eventsOf(rows.filter((row) => !row.checked))
    return { name, schema, waitsFor, first, last, rows: rows.length, checked, unchecked }
  }

  /** Lets rows go that were landed or held anew. */
  async release(session: Session, { schema, waitsFor, first, last }: Waiting): Promise<void> {
    await session.run(
      `delete from ${this.#table} where table_schema = $1 and waits_for = $2 and number between $3 and $4`,
      [schema, waitsFor, first, last],
    )
  }

  /** Forgets the rows of events that are to be loaded anew; `ids` is SQL of their message ids. */
  async remove(session: Session, schema: string, ids: string): Promise<void> {
    await session.run(`delete from ${this.#table} where table_schema = $1 and row_id in (${ids})`, [schema])
  }
}

interface StoredRow {
  readonly number: number
  readonly table_name: string
  readonly source: string
  readonly row_id: string
  readonly position: number
  readonly checked: boolean
  readonly values: string
}

function* linesOf(rows: readonly HeldRow[], first: number, heldAt: Date) {
  for (const [index, { event, table, values, waitsFor, checked, reason }] of rows.entries()) {
    const own = event.rows[0]?.values
    yield [
      first + index,
      schemaName(event.source),
      table,
      waitsFor,
      event.source,
      event.id,
      event.position,
      own?.get('user_id')?.value,
      own?.get('anonymous_id')?.value,
      own?.get('received_at')?.value,
      heldAt.toISOString(),
      checked,
      reason,
      JSON.stringify(values),
    ]
  }
}

/** Rows of one event that are together in the list become one event again, with its discards where it was held whole. */
function eventsOf(rows: readonly StoredRow[]): readonly Loadable[] {
  const events: (Loadable & { rows: EventRow[]; discards: Discard[] })[] = []
  for (const { table_name, source, row_id, position, checked, values: text } of rows) {
    const values = RowValues.of(JSON.parse(text)) // as `linesOf` wrote them
    let event = events.at(-1)
    if (event?.source !== source || event.id !== row_id || event.position !== position) {
      event = { id: row_id, source, position, rows: [], discards: [] }
      events.push(event)
    }
    if (table_name === DISCARDS && !checked) event.discards.push(discardOf(values))
    else event.rows.push({ table: table_name, values })
  }
  return events
}

function discardOf(values: RowValues): Discard {
  const text = (column: string) => String(values.get(column)?.value)
  return {
    table: text('table_name'),
    column: text('column_name'),
    value: text('column_value'),
    reason: text('reason'),
  }
}
