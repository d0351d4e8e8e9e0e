import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { makeFolder, writeDurably } from '../../core/durable-file.ts'
import { type Effects, systemEffects } from '../../core/effects.ts'
import { type Files, readWhole } from '../../core/files.ts'
import { noteOf } from './archive-note.ts'
import { archiveFile, archiveNote, listArchive, listDrafts, listSegments, type Range, segmentFile } from './layout.ts'

export interface ArchiveOptions {
  readonly dir: string
  /** Absent: segments are deleted without being kept. */
  readonly archiveDir?: string | undefined
  /** Position of the warehouse consumer: segments beyond it stay in the log. */
  readonly through: number
  readonly effects?: Effects
}

export interface ArchiveResult {
  readonly archived: readonly Range[]
  readonly deleted: readonly Range[]
}

/**
 * Keeps closed segments in the archive, then deletes from the log those the warehouse has passed. The writer may be at
 * work in another process: it never touches a closed segment again. Call it from one place at a time.
 * @throws MusterError `log_corrupt`; a damaged segment is neither archived nor deleted
 */
export async function archiveSegments(options: ArchiveOptions): Promise<ArchiveResult> {
  const { dir, archiveDir, through, effects = systemEffects } = options
  const { files } = effects
  const closed = await closedSegments(files, dir)
  const archived = archiveDir === undefined ? [] : await archiveMissing(files, dir, archiveDir, closed)
  const deleted = closed.filter(({ last }) => last <= through)
  await deleteInOrder(
    files,
    dir,
    deleted.map(({ first }) => segmentFile(dir, first)),
  )
  return { archived, deleted }
}

/** Segments that another follows, which a power cut does not undo. */
async function closedSegments(files: Files, dir: string): Promise<Range[]> {
  const firsts = await listSegments(files, dir)
  if (firsts.length < 2) return []
  await files.syncFolder(dir)
  return firsts.slice(1).map((next, index) => ({ first: firsts[index] ?? next, last: next - 1 }))
}

async function archiveMissing(
  files: Files,
  dir: string,
  archiveDir: string,
  closed: readonly Range[],
): Promise<Range[]> {
  if (closed.length === 0) return []
  await makeFolder(archiveDir, files)
  for (const draft of await listDrafts(files, archiveDir)) await files.remove(draft)
  const kept = new Set((await listArchive(files, archiveDir)).map(({ first }) => first))
  const missing = closed.filter(({ first }) => !kept.has(first))
  for (const range of missing) await keep(files, segmentFile(dir, range.first), archiveDir, range)
  // Also for what a killed process kept before: its segments may be deleted next.
  await files.syncFolder(archiveDir)
  return missing
}

/** No power cut leaves a gap between segments. */
async function deleteInOrder(files: Files, dir: string, segments: readonly string[]): Promise<void> {
  for (const segment of segments) {
    await files.remove(segment)
    await files.syncFolder(dir)
  }
}

/** The packed segment is written last: where it is, its note is too. */
async function keep(files: Files, file: string, archiveDir: string, range: Range): Promise<void> {
  const bytes = await readWhole(files, file)
  const note = await noteOf(file, bytes, range)
  const packed = await promisify(gzip)(bytes, { level: constants.Z_BEST_SPEED })
  await writeDurably(archiveNote(archiveDir, range), `${JSON.stringify(note)}\n`, { files })
  await writeDurably(archiveFile(archiveDir, range), packed, { files })
}
