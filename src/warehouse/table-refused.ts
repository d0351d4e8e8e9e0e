import { MusterError } from '../core/errors.ts'
import { isTableFault } from './event-tables.ts'

/** One table refused its rows, in a transaction that is undone for it. */
export class TableRefused extends Error {
  readonly table: string
  readonly reason: string

  constructor(table: string, reason: string) {
    super(reason)
    this.table = table
    this.reason = reason
  }

  asError(): MusterError {
    return new MusterError('table_refused', `The table ${this.table} does not take rows: ${this.reason}`)
  }
}

/** Does work on a table, whose refusal becomes a `TableRefused`. */
export async function refusedBy(table: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw isTableFault(error) ? new TableRefused(table, error.message) : error
  }
}
