import { type Effects, systemEffects } from '../../core/effects.ts'
import type { ArchiveStore } from '../archive/store.ts'
import type { LogReader } from '../event-log.ts'
import { describeRecord } from '../record.ts'
import { type ArchiveNote, readArchiveIndex } from './archive-note.ts'
import { listSegments, type Range } from './layout.ts'

/** Consecutive records that archive or log hold; what is archived has a note. */
export interface Holding extends Range {
  readonly note?: ArchiveNote
}

/** Consecutive records that neither holds, and when they were received as far as their neighbours tell. */
export interface Gap extends Range {
  /** ISO instants; null: unknown. */
  readonly after: string | null
  readonly before: string | null
}

export interface Holdings {
  readonly held: readonly Holding[]
  readonly gaps: readonly Gap[]
}

export interface HoldingsInput {
  /** Of the log. */
  readonly dir: string
  readonly log: LogReader
  readonly archive: ArchiveStore | undefined
  /** Up to this sequence. */
  readonly until: number
  readonly effects?: Effects
  readonly signal?: AbortSignal
}

/** Where the records 1 to `until` are, in log order. Throws as the archive does. */
export async function findHoldings(input: HoldingsInput): Promise<Holdings> {
  const { dir, archive, until, effects = systemEffects, signal } = input
  // The log first: what moves to the archive meanwhile is in both lists then.
  const [logFirst = until + 1] = await listSegments(effects.files, dir)
  const notes = archive === undefined ? [] : await readArchiveIndex(archive, signal)
  const held: Holding[] = []
  const missing: Range[] = []
  let next = 1
  for (const note of notes) {
    if (note.first > until || note.last < next) continue
    passTo(note.first - 1)
    held.push({ first: next, last: Math.min(note.last, until), note })
    next = note.last + 1
  }
  passTo(until)
  const gaps = await Promise.all(missing.map((range) => datedGap(range, held, input.log)))
  return { held, gaps }

  /** What no note tells of is in the log, or nowhere. */
  function passTo(last: number): void {
    const inLog = Math.max(next, logFirst)
    if (next < Math.min(inLog, last + 1)) missing.push({ first: next, last: Math.min(inLog - 1, last) })
    if (inLog <= last) held.push({ first: inLog, last })
    next = Math.max(next, last + 1)
  }
}

async function datedGap({ first, last }: Range, held: readonly Holding[], log: LogReader): Promise<Gap> {
  const previous = held.find((holding) => holding.last === first - 1)
  const following = held.find((holding) => holding.first === last + 1)
  const after = previous?.note ? previous.note.maxReceivedAt : await receivedAt(log, previous?.last)
  const before = following?.note ? following.note.minReceivedAt : await receivedAt(log, following?.first)
  return { first, last, after, before }
}

async function receivedAt(log: LogReader, sequence: number | undefined): Promise<string | null> {
  if (sequence === undefined) return null
  const { records } = await log.read({ after: sequence - 1, maxRecords: 1, maxBytes: 1 })
  return (records[0] && describeRecord(records[0].payload)?.receivedAt) ?? null
}
