/**
 * Freshness: how far the warehouse is behind what was acknowledged.
 */

import { schemaName } from '../event/index.ts'
import { decodeRecord } from '../log/index.ts'
import type { Workspace } from '../run/index.ts'
import { PRIMARY_TABLES } from '../warehouse/event-schema.ts'
import { quoted } from '../warehouse/names.ts'

/** Rows that wait for a table which does not take them. */
export interface HeldTable {
  /** `schema.table` */
  readonly table: string
  readonly rows: number
  readonly since: Date
  readonly reason: string
  /** When the oldest was received. */
  readonly oldest: Date
}

export interface Freshness {
  /** Age of the oldest event that has not landed, held rows included; 0 where all has. */
  readonly secondsBehind: number
  readonly lastLoadAt: Date | null
  readonly lastLoadEvents: number | null
  /** Landed in the last minute. */
  readonly eventsPerMinute: number
  readonly held: readonly HeldTable[]
}

export interface SourceFreshness {
  readonly source: string
  /** Of the latest event landed; null where none has. */
  readonly receivedAt: Date | null
  readonly timestamp: Date | null
}

const MINUTE_MS = 60_000

export async function readFreshness(workspace: Workspace, position: number): Promise<Freshness> {
  const { state, effects } = workspace
  const now = effects.now()
  const held = await readHeld(workspace)
  const { dialect } = state.warehouse
  const [loads] = await state.warehouse.session((session) =>
    session.query<{ at: Date | null; recent: number }>(
      `select max(loaded_at) as at, cast(coalesce(sum(case when loaded_at > ${dialect.timestamp(new Date(now.getTime() - MINUTE_MS))}
       then events end), 0) as bigint) as recent from ${state.name('loads')}`,
    ),
  )
  const [last] = await state.warehouse.session((session) =>
    session.query<{ events: number }>(`select events from ${state.name('loads')} order by id desc limit 1`),
  )
  const waiting = [await firstUnlanded(workspace, position), ...held.map(({ oldest }) => oldest)]
  const oldest = Math.min(...waiting.flatMap((instant) => instant?.getTime() ?? []), now.getTime())
  return {
    secondsBehind: (now.getTime() - oldest) / 1000,
    lastLoadAt: loads?.at ?? null,
    lastLoadEvents: last?.events ?? null,
    eventsPerMinute: loads?.recent ?? 0,
    held,
  }
}

/** The newest events of each source. It looks at all of a source's rows, so it is read only where it is asked for. */
export async function readSources({ definitions, warehouse }: Workspace): Promise<readonly SourceFreshness[]> {
  const tables = await warehouse.columns()
  return Promise.all(
    Object.keys(definitions.project.sources).map(async (source) => {
      const schema = schemaName(source)
      const parts = PRIMARY_TABLES.filter((table) => tables.has(`${schema}.${table}`)).map(
        (table) => `select received_at, "timestamp" from ${quoted(warehouse.dialect, schema, table)}`,
      )
      if (parts.length === 0) return { source, receivedAt: null, timestamp: null }
      const [row] = await warehouse.session((session) =>
        session.query<Omit<SourceFreshness, 'source'>>(
          `select max(received_at) as "receivedAt", max("timestamp") as "timestamp" from (${parts.join(' union all ')}) e`,
        ),
      )
      return { source, receivedAt: row?.receivedAt ?? null, timestamp: row?.timestamp ?? null }
    }),
  )
}

function readHeld({ state }: Workspace): Promise<readonly HeldTable[]> {
  // The oldest row has the fault; those behind it wait.
  const reason = state.warehouse.dialect.minBy('reason', 'number', 'number is not null')
  return state.warehouse.session((session) =>
    session.query<HeldTable>(
      `select table_schema || '.' || waits_for as "table", count(*) as "rows", min(held_at) as "since", ${reason} as "reason",
       min(received_at) as "oldest" from ${state.name('held_rows')} group by 1 order by 1`,
    ),
  )
}

/** When the first record of the log was received that has not landed. */
async function firstUnlanded({ log }: Workspace, position: number): Promise<Date | undefined> {
  const { records } = await log.read({ after: position, maxRecords: 1, maxBytes: 1 })
  return records[0] && new Date(decodeRecord(records[0].payload).receivedAt)
}
