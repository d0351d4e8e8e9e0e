import { readFile, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { syncFolder, writeDurably } from '../../core/durable-file.ts'
import { noteOf } from './archive-note.ts'
import { archiveFile, archiveNote, listArchive, listSegments, type Range, segmentFile } from './layout.ts'

export interface ArchiveOptions {
  readonly dir: string
  /** Absent: segments are deleted without being kept. */
  readonly archiveDir?: string | undefined
  /** Position of the warehouse consumer: segments beyond it stay in the log. */
  readonly through: number
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
export async function archiveSegments({ dir, archiveDir, through }: ArchiveOptions): Promise<ArchiveResult> {
  const closed = await closedSegments(dir)
  const archived = archiveDir === undefined ? [] : await archiveMissing(dir, archiveDir, closed)
  const deleted = closed.filter(({ last }) => last <= through)
  for (const { first } of deleted) await rm(segmentFile(dir, first), { force: true })
  if (deleted.length > 0) await syncFolder(dir)
  return { archived, deleted }
}

async function closedSegments(dir: string): Promise<Range[]> {
  const firsts = await listSegments(dir)
  return firsts.slice(1).map((next, index) => ({ first: firsts[index] ?? next, last: next - 1 }))
}

async function archiveMissing(dir: string, archiveDir: string, closed: readonly Range[]): Promise<Range[]> {
  const kept = new Set((await listArchive(archiveDir)).map(({ first }) => first))
  const missing = closed.filter(({ first }) => !kept.has(first))
  for (const range of missing) await keep(segmentFile(dir, range.first), archiveDir, range)
  return missing
}

/** The packed segment is written last: where it is, its note is too. */
async function keep(file: string, archiveDir: string, range: Range): Promise<void> {
  const bytes = await readFile(file)
  const note = await noteOf(file, bytes, range)
  const packed = await promisify(gzip)(bytes, { level: constants.Z_BEST_SPEED })
  await writeDurably(archiveNote(archiveDir, range), `${JSON.stringify(note)}\n`)
  await writeDurably(archiveFile(archiveDir, range), packed)
}
