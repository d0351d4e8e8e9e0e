import type { Files, OpenFile } from '../../core/files.ts'
import { readHead } from './head.ts'
import { segmentFile } from './layout.ts'
import { findEnd } from './recover.ts'

/** The segment that is being written. */
export interface CurrentSegment {
  readonly first: number
  readonly file: OpenFile
  /** Those that are durable. */
  readonly bytes: number
}

/** What a crash left half written at the log's end; none of it had been acknowledged. */
export interface TornTail {
  readonly file: string
  /** How many were cut. */
  readonly bytes: number
  /** The sequence that the log goes on with. */
  readonly next: number
}

interface Opened {
  readonly current: CurrentSegment
  readonly next: number
  readonly torn: TornTail | undefined
}

/** Opens the log's last segment at its true end, after cutting what a crash left half written. */
export async function openLastSegment(files: Files, dir: string, first: number): Promise<Opened> {
  const file = await openSegment(files, dir, first)
  try {
    const path = segmentFile(dir, first)
    const content = await file.read(await file.size(), 0)
    const published = readHead(files, dir)
    const { bytes, next } = findEnd(path, content, first, published)
    await file.truncate(bytes)
    // What is beyond the published end may be read and yet never reach the disk: its sync may have failed.
    const trusted = published.segment === first ? published.bytes : 0
    await file.write(content.subarray(trusted, bytes), trusted)
    await file.sync()
    const cut = content.length - bytes
    return { current: { first, file, bytes }, next, torn: cut > 0 ? { file: path, bytes: cut, next } : undefined }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Opens the segment for writing; when it is new, it is durably there. */
export async function openSegment(files: Files, dir: string, first: number): Promise<OpenFile> {
  const file = await files.open(segmentFile(dir, first), 'extend')
  try {
    await files.syncFolder(dir)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
