/**
 * Holding: which rows of a load wait, and what is kept of them.
 */
import { RowValues } from '../event/index.ts'
import type { Loadable, TableBatch } from './event-batch.ts'
import { DISCARD_COLUMNS, DISCARDS, type DiscardLine, type PlacedDiscard } from './event-discards.ts'
import type { HeldRow } from './held-rows.ts'

export interface Fault {
  readonly waitsFor: string
  readonly reason: string
}

/** Why a table cannot take its rows now. Those of `users` are made from `identifies` and wait for it too. */
export function faultOf({ schema, table }: TableBatch, faults: ReadonlyMap<string, string>): Fault | undefined {
  for (const waitsFor of table === 'users' ? ['identifies', 'users'] : [table]) {
    const reason = faults.get(`${schema}.${waitsFor}`)
    if (reason !== undefined) return { waitsFor, reason }
  }
  return undefined
}

/** The rows of a table, none of them a copy. */
export function heldOf({ table, rows }: TableBatch, { waitsFor, reason }: Fault): HeldRow[] {
  return rows.map(({ event, values }) => ({ event, table, values, waitsFor, checked: true, reason }))
}

/** A line that the table of discards does not take. */
export function heldDiscard({ event, line }: PlacedDiscard, reason: string): HeldRow {
  return { event, table: DISCARDS, values: typedLine(line), waitsFor: DISCARDS, checked: true, reason }
}

function typedLine(line: DiscardLine): RowValues {
  const values = new RowValues()
  for (const [column, value] of Object.entries(line)) {
    values.set(column, { type: DISCARD_COLUMNS.get(column) ?? 'string', value })
  }
  return values
}

/** An event of which it cannot be told whether it is a copy, with its discards; nothing where there is no reason. */
export function wholeEvent(event: Loadable, reason: string | undefined): readonly HeldRow[] {
  if (reason === undefined) return []
  const waitsFor = event.rows[0]?.table ?? ''
  const held = { event, waitsFor, checked: false, reason }
  const lines = event.discards.map(({ table, column, value, reason: why }) =>
    typedLine({
      ...{ table_name: table, row_id: event.id, column_name: column, column_value: value, reason: why },
      received_at: '',
    }),
  )
  return [
    ...event.rows.map(({ table, values }) => ({ ...held, table, values })),
    ...lines.map((values) => ({ ...held, table: DISCARDS, values })),
  ]
}
