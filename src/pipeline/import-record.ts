/**
 * What state knows of an import: enough to go on after a crash.
 */
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'

export type ImportState = 'running' | 'done' | 'failed'

export interface ImportRecord {
  readonly id: string
  readonly source: string
  /** Absolute. */
  readonly file: string
  /** Changes with the file. */
  readonly fingerprint: string
  /** The JSONata text; empty: rows are events. */
  readonly map: string
  readonly state: ImportState
  readonly error: string | null
  /** Lines up to this one have landed. */
  readonly line: number
  readonly bytes: number
  readonly total_bytes: number
  readonly events: number
  readonly duplicates: number
  readonly rejected: number
  readonly started_at: Date
  readonly ended_at: Date | null
}

export async function readImport(state: State, id: string): Promise<ImportRecord | undefined> {
  const rows = await state.warehouse.session((session) =>
    session.query<ImportRecord>(state.table('imports').where({ id })),
  )
  return rows[0]
}

/** All imports, newest first. */
export function readImports(state: State): Promise<ImportRecord[]> {
  return state.warehouse.session((session) =>
    session.query<ImportRecord>(state.table('imports').orderBy('started_at', 'desc')),
  )
}

export async function writeImport(state: State, record: ImportRecord): Promise<void> {
  await state.transaction((session) => replaceImport(session, state, record))
}

export async function replaceImport(session: Session, state: State, record: ImportRecord): Promise<void> {
  await session.run(state.table('imports').where({ id: record.id }).delete())
  await session.run(state.table('imports').insert({ ...record }))
}
