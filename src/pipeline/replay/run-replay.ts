import type { Effects } from '../../core/effects.ts'
import type { ArchiveStore, LogReader, StoredRecord } from '../../log/index.ts'
import type { Project } from '../../project/index.ts'
import type { State } from '../../state/state.ts'
import type { Loadable } from '../../warehouse/load-events.ts'
import { type Standing, standingOf } from '../../warehouse/standing.ts'
import type { Session } from '../../warehouse/warehouse.ts'
import { flattenRecords } from '../flatten-records.ts'
import type { Landing, Refusal } from '../landing.ts'
import { sourceShapes } from '../source-shapes.ts'
import { type ReplayBatch, readParts, recordsAfter } from './read-parts.ts'
import { withoutKnownRefusals } from './refusals.ts'
import { countEvents } from './replay-counts.ts'
import { ReplayFilter } from './replay-filter.ts'
import { findParts } from './replay-parts.ts'
import { type ReplayRecord, replaceReplay, writeReplay } from './replay-record.ts'
import { Throttle } from './throttle.ts'

export interface ReplaySettings {
  /** The project as it is now. */
  readonly project: () => Project
  readonly openLog: () => LogReader
  readonly archive: ArchiveStore | undefined
  readonly landing: Landing
  readonly state: State
  readonly effects: Effects
}

/** Loads take turns: so long at most waits what is live. */
const RECORDS_A_BATCH = 10_000

/** What a batch of records means. */
interface Found {
  readonly events: readonly Loadable[]
  readonly refusals: readonly Refusal[]
  readonly standings: readonly Standing[]
  readonly untested: readonly string[]
}

/**
 * Lands again what the request asks for, from where its record says it stopped. Each batch moves the record in the
 * transaction of its rows.
 */
export async function runReplay(settings: ReplaySettings, start: ReplayRecord, signal: AbortSignal): Promise<void> {
  const { archive, state, effects, project } = settings
  const filter = new ReplayFilter(start)
  await using log = settings.openLog()
  const { dir } = project().log
  const parts = await findParts({ dir, log, archive, filter, until: start.until_position, signal })
  let record: ReplayRecord = { ...start, total: start.records + recordsAfter(parts, start) }
  await writeReplay(state, record)
  const throttle = new Throttle(record.rate, effects)
  const maxRecords = throttle.batchSize(RECORDS_A_BATCH)
  for await (const batch of readParts(parts, record, { log, archive, maxRecords, signal })) {
    signal.throwIfAborted()
    const found = await inspect(settings, filter, record, batch.records)
    record = record.dry_run
      ? await keep(state, counted(passed(record, batch, found), found))
      : await land(settings, passed(record, batch, found), found)
    await throttle.pass(batch.records.length, signal)
  }
  await writeReplay(state, { ...record, state: 'done', ended_at: effects.now() })
}

/** The one place where records become what is landed. */
async function inspect(
  { project, state, effects }: ReplaySettings,
  filter: ReplayFilter,
  { overwrite, watermark, predicate }: ReplayRecord,
  records: readonly StoredRecord[],
): Promise<Found> {
  const { records: selected, untested } = await filter.select(records)
  const { events, refusals } = await flattenRecords(selected, effects.now(), sourceShapes(project()))
  const standings = await standingOf(events, {
    warehouse: state.warehouse,
    heldRows: state.name('held_rows'),
    ...(overwrite && { before: watermark }),
  })
  const restored = predicate === '' ? await withoutKnownRefusals(state, refusals) : []
  return { events, refusals: restored, standings, untested }
}

/** The record with a batch passed, as far as that is sure before it landed. */
function passed(record: ReplayRecord, { records, cursor }: ReplayBatch, { events, untested }: Found): ReplayRecord {
  return {
    ...record,
    ...cursor,
    records: record.records + records.length,
    events: record.events + events.length,
    untested: record.untested + untested.length,
    untested_reason: record.untested_reason ?? untested[0] ?? null,
  }
}

function counted(record: ReplayRecord, { events, standings, refusals }: Found): ReplayRecord {
  return {
    ...record,
    rejected: record.rejected + refusals.length,
    counts: countEvents(record.counts, events, standings),
  }
}

async function land(settings: ReplaySettings, record: ReplayRecord, found: Found): Promise<ReplayRecord> {
  const { landing, state } = settings
  const { events, refusals, standings } = found
  const wanted = events.filter((_, index) => isWanted(standings[index], record.overwrite))
  const unwanted = events.length - wanted.length
  const nothing = wanted.length === 0 && refusals.length === 0
  if (nothing) return keep(state, { ...record, duplicates: record.duplicates + unwanted })
  let updated = record
  const positions = [...wanted, ...refusals].map(({ position }) => position)
  await landing.land({
    consumer: `replay:${record.id}`,
    events: wanted,
    refusals,
    first: positions.reduce((least, position) => Math.min(least, position)),
    last: positions.reduce((most, position) => Math.max(most, position)),
    // What is there in part only is made anew whole.
    overwrite: record.overwrite || standings.includes('partial'),
    also: async (session: Session, landed) => {
      updated = {
        ...record,
        landed: record.landed + landed.loaded,
        duplicates: record.duplicates + unwanted + landed.duplicates,
        rejected: record.rejected + landed.rejected,
      }
      await replaceReplay(session, state, updated)
    },
  })
  return updated
}

function isWanted(standing: Standing | undefined, overwrite: boolean): boolean {
  switch (standing) {
    case undefined:
    case 'missing':
    case 'partial':
      return true
    case 'whole':
    case 'later':
      return overwrite
    case 'copy':
      return false
  }
}

async function keep(state: State, record: ReplayRecord): Promise<ReplayRecord> {
  await writeReplay(state, record)
  return record
}
