import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { syncFolder } from '../../core/durable-file.ts'
import { MusterError } from '../../core/errors.ts'
import type { Disk } from './disk.ts'
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
  readonly file: FileHandle
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
  readonly #dir: string
  readonly #disk: Disk
  readonly #limits: SegmentLimits
  /** Bytes of the closed segments, by first sequence. The worker deletes them: refreshed when they seem too many. */
  #closed: ReadonlyMap<number, number>
  #current: Current

  private constructor(dir: string, disk: Disk, limits: SegmentLimits, closed: Map<number, number>, current: Current) {
    this.#dir = dir
    this.#disk = disk
    this.#limits = { ...limits, segmentBytes: Math.min(limits.segmentBytes, limits.maxDiskBytes / MIN_SEGMENTS) }
    this.#closed = closed
    this.#current = current
  }

  /**
   * Opens the folder's segments at the log's true end, after cutting what a crash left half written.
   * `afterArchive` is where numbering goes on when the folder has none.
   */
  static async open(dir: string, disk: Disk, limits: SegmentLimits, afterArchive: number): Promise<Opened> {
    const firsts = await listSegments(dir)
    const first = firsts.at(-1) ?? afterArchive
    const sizes = await Promise.all(
      firsts.slice(0, -1).map(async (closed) => [closed, await sizeOf(dir, closed)] as const),
    )
    const file = await createOrOpen(dir, first)
    try {
      const { bytes, next } = findEnd(segmentFile(dir, first), await file.readFile(), first, readHead(dir))
      await file.truncate(bytes)
      await disk.sync(file)
      return { segments: new Segments(dir, disk, limits, new Map(sizes), { first, file, bytes }), next }
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
    await this.#disk.write(file, group, bytes)
    await this.#disk.sync(file)
    this.#current = { ...this.#current, bytes: bytes + group.length }
  }

  /** Removes what a failed append may have left behind the durable end. */
  async cutBack(): Promise<void> {
    await this.#current.file.truncate(this.#current.bytes)
    await this.#disk.sync(this.#current.file)
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
    const file = await createOrOpen(this.#dir, next)
    const { first, bytes, file: previous } = this.#current
    this.#closed = new Map(this.#closed).set(first, bytes)
    this.#current = { first: next, file, bytes: 0 }
    await previous.close()
  }

  async #refresh(): Promise<void> {
    const present = new Set(await listSegments(this.#dir))
    this.#closed = new Map([...this.#closed].filter(([first]) => present.has(first)))
  }
}

async function createOrOpen(dir: string, first: number): Promise<FileHandle> {
  const file = await open(segmentFile(dir, first), constants.O_RDWR | constants.O_CREAT, 0o644)
  try {
    await syncFolder(dir)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

async function sizeOf(dir: string, first: number): Promise<number> {
  return (await stat(segmentFile(dir, first))).size
}

function full(used: number, allowed: number): MusterError {
  return new MusterError('log_full', `the event log holds ${used} of the ${allowed} bytes it may (log.max_disk)`)
}
