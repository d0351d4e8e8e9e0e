import { MusterError } from '../../core/errors.ts'
import type { LogReader } from '../../log/index.ts'
import type { Sighting } from './live-feed.ts'
import type { Passes } from './live-filter.ts'
import { SeenRecord } from './seen-record.ts'
import { thin } from './thin.ts'

/** Where a feed begins. */
export interface Start {
  /** With the latest so many, at most 1,000. */
  readonly last: number
  /** Or, instead, after this position. */
  readonly after?: number | undefined
}

/** What a feed shows before the first new event. */
export interface Past {
  readonly sightings: readonly Sighting[]
  /** Left out since the last of them. */
  readonly skipped: number
}

/** Events of the past that a feed shows at most. */
const MAX_PAST = 1000
/** Records up to the head that are searched for them. */
const LOOK_BACK = 10_000
const PIECE = { maxRecords: 500, maxBytes: 1024 * 1024 }

/** What a feed that begins at `head` shows of the past, as far as the log still has it. Throws `log_corrupt`. */
export async function readPast(
  openLog: () => LogReader,
  head: number,
  { after, last }: Start,
  passes: Passes,
): Promise<Past> {
  if (after === undefined && last <= 0) return { sightings: [], skipped: 0 }
  // A reader for this alone: it may unpack a segment of the archive, which one that lives on would hold on to.
  await using reader = openLog()
  if (after !== undefined) return await readSince(reader, head, after, passes)
  return await readLast(reader, head, Math.min(last, MAX_PAST), passes)
}

/** The latest `last` that pass, up to `head`. */
async function readLast(reader: LogReader, head: number, last: number, passes: Passes): Promise<Past> {
  let sightings: readonly Sighting[] = []
  const from = await firstReadable(reader, Math.max(0, head - (passes ? LOOK_BACK : last)), head)
  for await (const records of readPieces(reader, from, head)) {
    const passing = passes ? records.filter(({ event }) => passes(event)) : records
    sightings = [...sightings, ...passing.map((record) => ({ record, skipped: 0 }))].slice(-last)
    for (const { record } of sightings) record.detach()
  }
  return { sightings, skipped: 0 }
}

/** What passed from the position `after` to `head`: what is too much or gone is counted as skipped. */
async function readSince(reader: LogReader, head: number, after: number, passes: Passes): Promise<Past> {
  let past: readonly Sighting[] = []
  const wanted = Math.min(Math.max(0, after), head)
  const from = await firstReadable(reader, Math.max(wanted, head - LOOK_BACK), head)
  let skipped = from - wanted
  for await (const records of readPieces(reader, from, head)) {
    const passing = passes ? records.filter(({ event }) => passes(event)) : records
    const sightings = passing.map((record, index) => ({ record, skipped: index === 0 ? skipped : 0 }))
    if (sightings.length > 0) skipped = 0
    past = thin([...past, ...sightings], MAX_PAST)
    for (const { record } of past) record.detach()
  }
  return { sightings: past, skipped }
}

/** The first position from `from` on, roughly, after which the log can be read. */
async function firstReadable(reader: LogReader, from: number, head: number): Promise<number> {
  let after = from
  while (after < head) {
    try {
      await reader.read({ after, maxRecords: 1, maxBytes: 1 })
      return after
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== 'log_range_gone') throw error
      after += Math.ceil((head - after) / 2)
    }
  }
  return after
}

async function* readPieces(reader: LogReader, from: number, head: number): AsyncGenerator<readonly SeenRecord[]> {
  let after = from
  while (after < head) {
    const maxRecords = Math.min(PIECE.maxRecords, head - after)
    const { records, last } = await reader.read({ ...PIECE, after, maxRecords })
    if (records.length === 0) return
    yield records.map((record) => new SeenRecord(record))
    after = last
  }
}
