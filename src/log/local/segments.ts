import { MusterError } from '../../core/errors.ts'
import type { Files, OpenFile } from '../../core/files.ts'
import { type Head, readHead } from './head.ts'
import { listSegments, segmentFile } from './layout.ts'
import { findEnd } from './recover.ts'

export interface SegmentLimits {
  /** All segments together. */
  readonly maxDiskBytes: number
  /** A segment this large is closed before the next group. */
  readonly segmentBytes: number
}

interface Current {
  readonly first: number
  readonly file: OpenFile
  /** Durable bytes. */
  readonly bytes: number
}

interface Opened {
  readonly segments: Segments
  /** Sequence of the next record. */
  readonly next: number
}

/** A log of few bytes still consists of several segments, so that room is made by deleting closed ones. */
const MIN_SEGMENTS = 4

/** The writer's segments: the current one, which it extends, and the disk budget of all. */
export class Segments {
  readonly #files: Files
  readonly #dir: string
  readonly #limits: SegmentLimits
  /** Bytes of the closed segments, by first sequence. The worker deletes them: refreshed when they seem too many. */
  #closed: ReadonlyMap<number, number>
  #current: Current

  private constructor(files: Files, dir: string, limits: SegmentLimits, closed: Map<number, number>, current: Current) {
    this.#files = files
    this.#dir = dir
    this.#limits = { ...limits, segmentBytes: Math.min(limits.segmentBytes, limits.maxDiskBytes / MIN_SEGMENTS) }
    this.#closed = closed
    this.#current = current
  }

  /**
   * Opens the folder's segments at the log's true end, after cutting what a crash left half written.
   * `afterArchive` is where numbering goes on when the folder has none.
   */
  static async open(files: Files, dir: string, limits: SegmentLimits, afterArchive: number): Promise<Opened> {
    const firsts = await listSegments(files, dir)
    const first = firsts.at(-1) ?? afterArchive
    const sizes = await Promise.all(
      firsts.slice(0, -1).map(async (closed) => [closed, await sizeOf(files, dir, closed)] as const),
    )
    const file = await createOrOpen(files, dir, first)
    try {
      const { bytes, next } = findEnd(
        segmentFile(dir, first),
        await file.read(await file.size(), 0),
        first,
        readHead(files, dir),
      )
      await file.truncate(bytes)
      await file.sync()
      return { segments: new Segments(files, dir, limits, new Map(sizes), { first, file, bytes }), next }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Makes sure that `bytes` fit, in a new segment that starts at `next` when the current one is full. */
  async makeRoom(bytes: number, next: number): Promise<void> {
    if (this.diskBytes + bytes > this.#limits.maxDiskBytes) await this.#refresh()
    if (this.diskBytes + bytes > this.#limits.maxDiskBytes) throw full(this.diskBytes, this.#limits.maxDiskBytes)
    if (this.#current.bytes >= this.#limits.segmentBytes) await this.#startSegment(next)
  }

  /** Resolves when `group` is durable at the end of the current segment. */
  async append(group: Uint8Array): Promise<void> {
    const { file, bytes } = this.#current
    await file.write(group, bytes)
    await file.sync()
    this.#current = { ...this.#current, bytes: bytes + group.length }
  }

  /** Removes what a failed append may have left behind the durable end. */
  async cutBack(): Promise<void> {
    await this.#current.file.truncate(this.#current.bytes)
    await this.#current.file.sync()
  }

  head(sequence: number): Head {
    return { sequence, segment: this.#current.first, bytes: this.#current.bytes }
  }

  get count(): number {
    return this.#closed.size + 1
  }

  get diskBytes(): number {
    return [...this.#closed.values()].reduce((sum, bytes) => sum + bytes, this.#current.bytes)
  }

  async close(): Promise<void> {
    await this.#current.file.close()
  }

  async #startSegment(next: number): Promise<void> {
    const file = await createOrOpen(this.#files, this.#dir, next)
    const { first, bytes, file: previous } = this.#current
    this.#closed = new Map(this.#closed).set(first, bytes)
    this.#current = { first: next, file, bytes: 0 }
    await previous.close()
  }

  async #refresh(): Promise<void> {
    const present = new Set(await listSegments(this.#files, this.#dir))
    this.#closed = new Map([...this.#closed].filter(([first]) => present.has(first)))
  }
}

async function createOrOpen(files: Files, dir: string, first: number): Promise<OpenFile> {
  const file = await files.open(segmentFile(dir, first), 'extend')
  try {
    await files.syncFolder(dir)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

async function sizeOf(files: Files, dir: string, first: number): Promise<number> {
  await using file = await files.open(segmentFile(dir, first), 'read')
  return await file.size()
}

function full(used: number, allowed: number): MusterError {
  return new MusterError('log_full', `the event log holds ${used} of the ${allowed} bytes it may (log.max_disk)`)
}
