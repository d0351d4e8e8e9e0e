import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { type Effects, systemEffects } from '../../core/effects.ts'
import { type Files, readWhole } from '../../core/files.ts'
import type { ArchiveStore } from '../archive/store.ts'
import { noteOf } from './archive-note.ts'
import { archiveFile, archiveNote, listArchive, listSegments, type Range, segmentFile } from './layout.ts'

export interface ArchiveOptions {
  readonly dir: string
  /** Absent: segments are deleted without being kept. */
  readonly archive?: ArchiveStore | undefined
  /** Position of the warehouse consumer: segments beyond it stay in the log. */
  readonly through: number
  /** Called with each segment that the archive has and the warehouse has passed, before it leaves the log for good. */
  readonly beforeDeleted?: (range: Range) => Promise<void>
  readonly effects?: Effects
  readonly signal?: AbortSignal
}

export interface ArchiveResult {
  readonly archived: readonly Range[]
  readonly deleted: readonly Range[]
}

/**
 * Keeps closed segments in the archive, and deletes from the log those that it has and the warehouse has passed. The
 * writer may be at work in another process: it never touches a closed segment again. Call it from one place at a time.
 * @throws MusterError `log_corrupt`; a damaged segment and those after it are neither archived nor deleted
 * @throws MusterError `archive_unreachable`, `archive_refused`; likewise
 */
export async function archiveSegments(options: ArchiveOptions): Promise<ArchiveResult> {
  const { dir, archive, through, beforeDeleted, effects = systemEffects, signal } = options
  const { files } = effects
  const closed = await closedSegments(files, dir)
  const archived: Range[] = []
  const deleted: Range[] = []
  if (closed.length === 0) return { archived, deleted }
  const kept = new Set((archive === undefined ? [] : await listArchive(archive, signal)).map(({ first }) => first))
  for (const range of closed) {
    const file = segmentFile(dir, range.first)
    if (archive !== undefined && !kept.has(range.first)) {
      await keep(archive, range, { file, bytes: await readWhole(files, file), signal })
      archived.push(range)
    }
    if (range.last > through) continue
    await beforeDeleted?.(range)
    // One after the other: no power cut leaves a gap between segments.
    await files.remove(file)
    await files.syncFolder(dir)
    deleted.push(range)
  }
  return { archived, deleted }
}

/** Segments that another follows, which a power cut does not undo. */
async function closedSegments(files: Files, dir: string): Promise<Range[]> {
  const firsts = await listSegments(files, dir)
  if (firsts.length < 2) return []
  await files.syncFolder(dir)
  return firsts.slice(1).map((next, index) => ({ first: firsts[index] ?? next, last: next - 1 }))
}

interface Segment {
  readonly file: string
  readonly bytes: Buffer
  readonly signal: AbortSignal | undefined
}

/** The packed segment is written last: where it is, its note is too. */
async function keep(archive: ArchiveStore, range: Range, { file, bytes, signal }: Segment): Promise<void> {
  const note = await noteOf(file, bytes, range)
  const packed = await promisify(gzip)(bytes, { level: constants.Z_BEST_SPEED })
  const text = JSON.stringify({ ...note, packedBytes: packed.length })
  await archive.write(archiveNote(range), Buffer.from(`${text}\n`), signal)
  await archive.write(archiveFile(range), packed, signal)
}
