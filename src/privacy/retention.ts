/**
 * Retention: what a source received longer ago than it keeps is deleted, a bounded batch at a time.
 */
import type { Effects } from '../core/effects.ts'
import { schemaName } from '../event/index.ts'
import type { Archiver, Cutoffs, ExpiredArchive, Landing } from '../pipeline/index.ts'
import type { Project, Source } from '../project/index.ts'
import type { State } from '../state/state.ts'
import { refreshUsers } from '../warehouse/users-table.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { type BaseTable, baseTables, isEventTable } from './base-tables.ts'
import type { TableCount } from './receipt.ts'

export interface RetentionSettings {
  readonly state: State
  /** As it is now. */
  readonly project: () => Project
  readonly landing: Landing
  readonly archiver: Archiver
  /** While nothing else touches log and archive. */
  readonly archiving: <T>(work: () => Promise<T>) => Promise<T>
  readonly effects: Effects
  /** Rows deleted at a time: events go on landing in between. 50,000 when absent. */
  readonly batch?: number
}

export interface Retained {
  /** Rows deleted. */
  readonly rows: readonly TableCount[]
  readonly archive: ExpiredArchive
}

const BATCH = 50_000

/** Deletes what no source keeps any longer; nothing where none says how long. */
export async function retain(settings: RetentionSettings, signal: AbortSignal): Promise<Retained> {
  const { project, archiver, archiving, effects } = settings
  const now = effects.now()
  const sources = Object.values(project().sources)
  const rows: TableCount[] = []
  for (const source of sources) {
    const cutoff = cutoffOf(now, source.retention?.eventsMs)
    if (cutoff !== undefined) rows.push(...(await retainRows(settings, source, cutoff, signal)))
  }
  return {
    rows: rows.filter((count) => count.rows > 0),
    archive: await archiving(() => archiver.expire(cutoffsOf(sources, now), signal)),
  }
}

function cutoffsOf(sources: readonly Source[], now: Date): Cutoffs {
  return new Map(
    sources.flatMap(({ name, retention }) => {
      const cutoff = cutoffOf(now, retention?.archiveMs)
      return cutoff === undefined ? [] : [[name, cutoff.toISOString()] as const]
    }),
  )
}

const cutoffOf = (now: Date, keptMs: number | undefined): Date | undefined =>
  keptMs === undefined ? undefined : new Date(now.getTime() - keptMs)

async function retainRows(
  settings: RetentionSettings,
  { name: source }: Source,
  cutoff: Date,
  signal: AbortSignal,
): Promise<readonly TableCount[]> {
  const { state } = settings
  const { dialect } = state.warehouse
  const schema = schemaName(source)
  const own = (await baseTables(state.warehouse)).filter((table) => table.schema === schema)
  const counts: TableCount[] = []
  for (const table of own.filter((one) => isEventTable(one) || one.name === 'discards')) {
    const users = table.name === 'identifies' ? own.find(({ name }) => name === 'users') : undefined
    const rows = await deleteOld(
      settings,
      { table: table.table, where: 'true', cutoff, identifies: table, users },
      signal,
    )
    counts.push({ table: `${schema}.${table.name}`, rows })
  }
  for (const [table, where] of [
    ['rejected_events', `source = ${dialect.text(source)}`],
    ['held_rows', `source = ${dialect.text(source)}`],
  ] as const) {
    const rows = await deleteOld(settings, { table: state.name(table), where, cutoff }, signal)
    counts.push({ table: `${state.schema}.${table}`, rows })
  }
  return counts
}

interface OldRows {
  /** Quoted. */
  readonly table: string
  readonly where: string
  readonly cutoff: Date
  readonly identifies?: BaseTable
  /** Made from `identifies`. */
  readonly users?: BaseTable | undefined
}

async function deleteOld(
  { landing, state, batch = BATCH }: RetentionSettings,
  old: OldRows,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0
  for (;;) {
    signal.throwIfAborted()
    const rows = await landing.exclusively(() =>
      state.warehouse.transaction('load', (session) => deleteBatch(session, state, old, batch)),
    )
    deleted += rows
    if (rows === 0) return deleted
  }
}

/** The oldest rows; those received at one instant go together. */
async function deleteBatch(
  session: Session,
  { warehouse: { dialect } }: State,
  old: OldRows,
  batch: number,
): Promise<number> {
  const { table, where, cutoff, identifies, users } = old
  const [oldest] = await session.query<{ until: Date | null }>(
    `select max(received_at) as until from (select received_at from ${table}
     where ${where} and received_at < ${dialect.timestamp(cutoff)} order by received_at limit ${batch}) o`,
  )
  if (oldest === undefined || oldest.until === null) return 0
  // Stored instants are finer than a Date: rows of the same millisecond are included.
  const until = new Date(Math.min(oldest.until.getTime() + 1, cutoff.getTime()))
  const condition = `${where} and received_at < ${dialect.timestamp(until)}`
  const ids = users ? await usersOf(session, table, condition) : new Set<string>()
  const rows = await session.run(`delete from ${table} where ${condition}`)
  if (identifies && users && ids.size > 0) {
    const shapes = { schema: users.schema, users: users.columns, identifies: identifies.columns }
    await refreshUsers(session, dialect, shapes, ids)
  }
  return rows
}

async function usersOf(session: Session, table: string, condition: string): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ id: string }>(
    `select distinct user_id as id from ${table} where user_id is not null and ${condition}`,
  )
  return new Set(rows.map(({ id }) => id))
}
