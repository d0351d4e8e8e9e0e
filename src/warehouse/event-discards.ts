/**
 * The discards of a load: values that are in no row, one line each in the table `discards` of their source's schema.
 */
import { schemaName } from '../event/index.ts'
import type { Loadable, PlacedRow } from './event-batch.ts'
import type { ColumnType } from './warehouse.ts'

export const DISCARDS = 'discards'

export const DISCARD_COLUMNS: ReadonlyMap<string, ColumnType> = new Map(
  Object.entries({
    table_name: 'string',
    row_id: 'string',
    column_name: 'string',
    column_value: 'string',
    reason: 'string',
    received_at: 'datetime',
  } as const),
)

export interface DiscardLine {
  readonly table_name: string
  readonly row_id: string
  readonly column_name: string
  readonly column_value: string
  readonly reason: string
  readonly received_at: string
}

/** Types as reasons name them: a column of whole numbers may have become one of all numbers meanwhile. */
const KINDS: Readonly<Record<ColumnType, string>> = {
  string: 'text',
  int: 'a number',
  float: 'a number',
  boolean: 'true or false',
  datetime: 'an instant',
  date: 'a date',
  json: 'JSON',
  other: 'of another type',
}

/** A line, with the event it is of. */
export interface PlacedDiscard {
  readonly line: DiscardLine
  readonly event: Loadable
}

export class Discards {
  readonly bySchema = new Map<string, PlacedDiscard[]>()
  count = 0

  /** What an event's rows left out. */
  addOf(event: Loadable): void {
    for (const { table, column, value, reason } of event.discards) this.#add(event, table, column, value, reason)
  }

  /** A value that the column's type does not take. */
  addConflict(table: string, row: PlacedRow, column: string, type: ColumnType): void {
    const value = row.values.get(column)
    const kind = value === undefined ? '' : KINDS[value.type]
    this.addValue(table, row, column, `the column is ${KINDS[type]}, the value ${kind}`)
  }

  /** A value that cannot be stored. */
  addValue(table: string, { event, values }: PlacedRow, column: string, reason: string): void {
    const value = values.get(column)
    this.#add(event, table, column, String(value?.text ?? value?.value), reason)
  }

  #add(event: Loadable, table: string, column: string, value: string, reason: string): void {
    const schema = schemaName(event.source)
    const lines = this.bySchema.get(schema) ?? []
    if (lines.length === 0) this.bySchema.set(schema, lines)
    lines.push({
      event,
      line: {
        table_name: table,
        row_id: event.id,
        column_name: column,
        column_value: value,
        reason,
        received_at: String(event.rows[0]?.values.get('received_at')?.value),
      },
    })
    this.count += 1
  }
}
