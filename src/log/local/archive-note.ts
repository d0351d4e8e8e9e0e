import { setImmediate } from 'node:timers/promises'
import { MusterError } from '../../core/errors.ts'
import { type Files, isMissing, readWhole, systemFiles } from '../../core/files.ts'
import { describeRecord } from '../record.ts'
import { Batch, type Position } from './batch.ts'
import { archiveFile, archiveNote, listArchive, type Range } from './layout.ts'
import { damaged, readBytes, unpackSegment } from './segment-reader.ts'

/** What an archived segment holds, for finding it by source and date. */
export interface ArchiveNote extends Range {
  /** Unpacked. */
  readonly bytes: number
  /** ISO instants; null when no record has one. */
  readonly minReceivedAt: string | null
  readonly maxReceivedAt: string | null
  /** Names in ascending order. */
  readonly sources: readonly string[]
}

/** Records described before other work gets its turn. */
const SLICE = 2000

/** The notes of all archived segments, ascending. */
export async function readArchiveIndex(archiveDir: string, files: Files = systemFiles): Promise<ArchiveNote[]> {
  const ranges = await listArchive(files, archiveDir)
  return Promise.all(ranges.map((range) => readNote(files, archiveDir, range)))
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

async function readNote(files: Files, archiveDir: string, range: Range): Promise<ArchiveNote> {
  const file = archiveNote(archiveDir, range)
  try {
    // Written by `keep` in one step together with its segment.
    return JSON.parse((await readWhole(files, file)).toString()) as ArchiveNote
  } catch (error) {
    if (!isMissing(error)) throw new MusterError('log_corrupt', `${file} cannot be read`, { cause: error })
    const segment = archiveFile(archiveDir, range)
    return noteOf(segment, await unpackSegment(files, segment), range)
  }
}
