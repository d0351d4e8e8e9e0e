/**
 * Members of an audience, as batches of sessions change them.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { TwinFaults } from '../../src/delivery/twin.ts'
import { transaction } from './twin-store.ts'
import { identityOf, invalidCells, type UserBatch } from './twin-users.ts'

export interface BatchResult {
  readonly session: string
  readonly received: number
  readonly invalid: number
  readonly samples: readonly string[]
}

interface Session {
  readonly received: number
  readonly invalid: number
  readonly finished: number
  readonly columns: string
}

export class SessionFinished extends Error {}
const SAMPLES = 100

/** Takes a batch whole; invalid rows are counted and left out. Throws `SessionFinished`. */
export function changeMembers(
  store: DatabaseSync,
  faults: TwinFaults,
  audience: string,
  operation: 'add' | 'remove',
  batch: UserBatch,
): BatchResult {
  return transaction(store, () => {
    const id = batch.session?.id ?? `none-${Date.now()}`
    const before = store.prepare('select * from sessions where audience = ? and session = ?').get(audience, id) as
      | Session
      | undefined // the table's columns
    if (before?.finished) throw new SessionFinished(id)
    const columns = batch.schema.join()
    if (before && before.columns !== columns) throw new Error('The schema changed within the session')
    const samples = change(store, faults, audience, operation, batch)
    const received = (before?.received ?? 0) + batch.rows.length
    const invalid = (before?.invalid ?? 0) + samples.length
    store
      .prepare('insert or replace into sessions values (?, ?, ?, ?, ?, ?, ?)')
      .run(audience, id, received, invalid, batch.session?.sequence ?? 1, batch.session?.last ? 1 : 0, columns)
    return { session: id, received, invalid: samples.length, samples: samples.slice(0, SAMPLES) }
  })
}

/** Gives the cells that were not as they must be. */
function change(
  store: DatabaseSync,
  faults: TwinFaults,
  audience: string,
  operation: 'add' | 'remove',
  { schema, rows }: UserBatch,
): readonly string[] {
  const insert = store.prepare('insert or replace into members values (?, ?, ?)')
  const remove = store.prepare('delete from members where audience = ? and identity = ?')
  const invalid: string[] = []
  for (const row of rows) {
    const wrong = faults.rejects(row[0] ?? '') ? row.slice(0, 1) : invalidCells(schema, row)
    invalid.push(...wrong)
    const cells = Object.fromEntries(
      schema.map((name, index) => [name, row[index] ?? '']).filter(([, value]) => value !== ''),
    )
    if (wrong.length > 0 || Object.keys(cells).length === 0) continue
    if (operation === 'add') insert.run(audience, identityOf(cells), JSON.stringify(cells))
    else remove.run(audience, identityOf(cells))
  }
  return invalid
}
