/**
 * A batch of events sorted by the tables their rows belong to.
 */
import { type EventRows, type RowShape, type RowValues, schemaName } from '../event/index.ts'
import { addColumns, type Brought, type GrowingColumns } from './event-schema.ts'

/** An event flattened to rows, with where it came from. */
export interface Loadable extends EventRows {
  readonly source: string
  /** Position in the log, or the line of an import. */
  readonly position: number
}

export interface Owner {
  readonly user_id: string | null
  readonly anonymous_id: string | null
}

export interface TableBatch extends Brought {
  readonly schema: string
  readonly table: string
  readonly rows: readonly PlacedRow[]
}

/** One row of an event, with what all rows of the event have in common. */
export interface PlacedRow {
  readonly values: RowValues
  readonly event: Loadable
  /** Place in the batch's list of owners. */
  readonly owner: number
}

export interface EventBatch {
  /** By `schema.table`; a type's own table comes before those made from it. */
  readonly tables: ReadonlyMap<string, TableBatch>
  readonly owners: readonly Owner[]
}

export function batchOf(events: readonly Loadable[]): EventBatch {
  const tables = new Map<string, Growing>()
  const owners = new Owners()
  for (const event of events) {
    const schema = schemaName(event.source)
    const owner = owners.place(event.rows[0]?.values)
    for (const { table, values } of event.rows) {
      const batch = tableOf(tables, schema, table)
      batch.rows.push({ values, event, owner })
      if (batch.shapes.has(values.shape)) continue
      batch.shapes.add(values.shape)
      addColumns(batch, values.shape)
    }
  }
  return { tables: usersLast(tables), owners: owners.list }
}

/** Of held rows, those of `users` may come without the `identifies` they were made from, and before others. */
function usersLast(tables: ReadonlyMap<string, TableBatch>): ReadonlyMap<string, TableBatch> {
  const isUsers = ([, { table }]: readonly [string, TableBatch]) => table === 'users'
  return new Map([...tables].sort((a, b) => Number(isUsers(a)) - Number(isUsers(b))))
}

interface Growing extends TableBatch, GrowingColumns {
  readonly rows: PlacedRow[]
  readonly columns: GrowingColumns['columns']
  readonly floats: GrowingColumns['floats']
  /** Of its rows so far. */
  readonly shapes: Set<RowShape>
}

function tableOf(tables: Map<string, Growing>, schema: string, table: string): Growing {
  const key = `${schema}.${table}`
  const known = tables.get(key)
  if (known) return known
  const batch: Growing = { schema, table, rows: [], columns: new Map(), floats: new Set(), shapes: new Set() }
  tables.set(key, batch)
  return batch
}

/** Each owner once, in order of appearance. */
class Owners {
  readonly list: Owner[] = []
  readonly #places = new Map<string, number>()

  place(values: RowValues | undefined): number {
    const user = textOf(values, 'user_id')
    const anonymous = textOf(values, 'anonymous_id')
    const key = `${user ?? ''}\u0000${anonymous ?? ''}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    this.#places.set(key, this.list.length)
    return this.list.push({ user_id: user, anonymous_id: anonymous }) - 1
  }
}

function textOf(values: RowValues | undefined, column: string): string | null {
  const value = values?.get(column)
  return value === undefined ? null : String(value.value)
}
