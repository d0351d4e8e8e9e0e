/**
 * The discards of a load: values that are in no row, one line each in the table `discards` of their source's schema.
 */
import { type EventRow, schemaName } from '../event/index.ts'
import type { Loadable } from './event-batch.ts'
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

interface DiscardLine {
  readonly table_name: string
  readonly row_id: string
  readonly column_name: string
  readonly column_value: string
  readonly reason: string
  readonly received_at: string
}

export class Discards {
  readonly bySchema = new Map<string, DiscardLine[]>()
  count = 0

  /** What an event's rows left out. */
  addOf({ source, id, rows, discards }: Loadable): void {
    for (const { table, column, value, reason } of discards) {
      this.#add(schemaName(source), {
        table_name: table,
        row_id: id,
        column_name: column,
        column_value: value,
        reason,
        received_at: String(rows[0]?.values.received_at?.value),
      })
    }
  }

  /** A value that the column's type does not take. */
  addConflict(schema: string, table: string, values: EventRow['values'], column: string, type: ColumnType): void {
    const value = values[column]
    this.#add(schema, {
      table_name: table,
      row_id: String(values.id?.value),
      column_name: column,
      column_value: String(value?.text ?? value?.value),
      reason: `the column is ${type}, the value ${value?.type}`,
      received_at: String(values.received_at?.value),
    })
  }

  #add(schema: string, line: DiscardLine): void {
    const lines = this.bySchema.get(schema) ?? []
    if (lines.push(line) === 1) this.bySchema.set(schema, lines)
    this.count += 1
  }
}
