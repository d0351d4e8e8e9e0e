/**
 * What state knows of a replay: what was asked, and enough to go on after a crash.
 */
import type { State } from '../../state/state.ts'
import type { Session } from '../../warehouse/warehouse.ts'

export type ReplayState = 'running' | 'done' | 'failed' | 'stopped'

export interface ReplayRequest {
  /** Absent: of all sources. */
  readonly source: string | null
  /** Received at or after. */
  readonly from_time: Date | null
  /** Received before. */
  readonly to_time: Date | null
  /** JSONata over the event; empty: all events. */
  readonly predicate: string
  /** Rows that are there are made anew. */
  readonly overwrite: boolean
  /** Nothing is landed, only counted. */
  readonly dry_run: boolean
  /** Records a second at most; null: as fast as it goes. */
  readonly rate: number | null
}

export interface ReplayRecord extends ReplayRequest {
  readonly id: string
  readonly state: ReplayState
  readonly error: string | null
  /** Number of the last load when it started: later ones are not overwritten. */
  readonly watermark: number
  /** Head of the log when it started: what came later lands by itself. */
  readonly until_position: number
  /** Records of the log up to this one are done. */
  readonly position: number
  /** Of the imports in the archive, batches up to this one are done; empty: none yet. */
  readonly batch: string
  /** Records of the next batch that are done too. */
  readonly offset: number
  /** Passed so far, and in all. */
  readonly records: number
  readonly total: number
  /** Events that were asked for. */
  readonly events: number
  readonly landed: number
  /** There already, or copies. */
  readonly duplicates: number
  /** Refused requests and events, restored among the rejected ones. */
  readonly rejected: number
  /** Events on which the predicate failed, and why it did first; they are left out. */
  readonly untested: number
  readonly untested_reason: string | null
  /** Of a dry run: `ReplayCount[]` as JSON. */
  readonly counts: string
  readonly started_at: Date
  readonly ended_at: Date | null
}

/** What a dry run counts of one event name. */
export interface ReplayCount {
  readonly source: string
  /** The name of a track event; the type of others. */
  readonly event: string
  readonly events: number
  /** In the warehouse already, and only in part. */
  readonly present: number
  readonly partial: number
}

export async function readReplay(state: State, id: string): Promise<ReplayRecord | undefined> {
  const rows = await state.warehouse.session((session) =>
    session.query<ReplayRecord>(state.table('replays').where({ id })),
  )
  return rows[0]
}

/** All replays, newest first. */
export function readReplays(state: State): Promise<ReplayRecord[]> {
  return state.warehouse.session((session) =>
    session.query<ReplayRecord>(state.table('replays').orderBy('started_at', 'desc')),
  )
}

export async function writeReplay(state: State, record: ReplayRecord): Promise<void> {
  await state.transaction((session) => replaceReplay(session, state, record))
}

export async function replaceReplay(session: Session, state: State, record: ReplayRecord): Promise<void> {
  await session.run(state.table('replays').where({ id: record.id }).delete())
  await session.run(state.table('replays').insert({ ...record }))
}
