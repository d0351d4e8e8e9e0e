import { setImmediate } from 'node:timers/promises'
import PQueue from 'p-queue'
import { MusterError } from '../../core/errors.ts'
import { type ArchiveStore, readFile } from '../archive/store.ts'
import { describeRecord } from '../record.ts'
import { Batch, type Position } from './batch.ts'
import { archiveFile, archiveNote, listArchive, type Range } from './layout.ts'
import { damaged, readBytes, unpackSegment } from './segment-reader.ts'

/** What an archived segment holds, for finding it by source and date. */
export interface ArchiveNote extends Range {
  /** Unpacked. */
  readonly bytes: number
  /** As it is in the archive; absent where the note was lost. */
  readonly packedBytes?: number
  /** ISO instants; null when no record has one. */
  readonly minReceivedAt: string | null
  readonly maxReceivedAt: string | null
  /** Names in ascending order. */
  readonly sources: readonly string[]
}

/** Records described before other work gets its turn. */
const SLICE = 2000

/** Notes read at a time. */
const CONCURRENCY = 8

/** The notes of all archived segments, ascending. */
export async function readArchiveIndex(archive: ArchiveStore, signal?: AbortSignal): Promise<ArchiveNote[]> {
  const ranges = await listArchive(archive, signal)
  const queue = new PQueue({ concurrency: CONCURRENCY })
  return queue.addAll(ranges.map((range) => () => readNote(archive, range, signal)))
}

/**
 * Reads all of a segment and describes it.
 * @throws MusterError `log_corrupt` unless it holds exactly the records of `range`
 */
export async function noteOf(file: string, bytes: Buffer, range: Range): Promise<ArchiveNote> {
  const sources = new Set<string>()
  const instants: Instants = { min: null, max: null }
  let position: Position = { offset: 0, sequence: range.first }
  while (position.sequence <= range.last) {
    const batch = new Batch({ after: position.sequence - 1, maxRecords: SLICE, maxBytes: Infinity }, range.last)
    position = readBytes(file, bytes, position, batch)
    if (batch.records.length === 0) throw damaged(file, position)
    for (const { payload } of batch.records) include(payload, sources, instants)
    await setImmediate()
  }
  if (position.offset !== bytes.length) throw damaged(file, position)
  const { min: minReceivedAt, max: maxReceivedAt } = instants
  return { ...range, bytes: bytes.length, minReceivedAt, maxReceivedAt, sources: [...sources].sort() }
}

interface Instants {
  min: string | null
  max: string | null
}

function include(payload: Buffer, sources: Set<string>, instants: Instants): void {
  const described = describeRecord(payload)
  if (described === undefined) return
  const { source, receivedAt } = described
  if (source !== null) sources.add(source)
  if (instants.min === null || receivedAt < instants.min) instants.min = receivedAt
  if (instants.max === null || receivedAt > instants.max) instants.max = receivedAt
}

async function readNote(archive: ArchiveStore, range: Range, signal?: AbortSignal): Promise<ArchiveNote> {
  const text = await readFile(archive, archiveNote(range), signal).catch((error: unknown) => {
    if (!(error instanceof MusterError && error.code === 'archive_file_missing')) throw error
    return undefined
  })
  const place = `${archiveFile(range)} in ${archive.place}`
  if (text === undefined) return noteOf(place, await unpackSegment(archive, range, signal), range)
  try {
    // Written by `keep` together with its segment.
    return JSON.parse(text.toString()) as ArchiveNote
  } catch (error) {
    throw new MusterError('log_corrupt', `the note of ${place} cannot be read`, { cause: error })
  }
}
