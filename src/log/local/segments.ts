import { MusterError } from '../../core/errors.ts'
import { type Files, isMissing } from '../../core/files.ts'
import { type CurrentSegment, openLastSegment, openSegment, type TornTail } from './current-segment.ts'
import type { Head } from './head.ts'
import { listSegments, segmentFile } from './layout.ts'

export interface SegmentLimits {
  /** All segments together. */
  readonly maxDiskBytes: number
  /** A segment this large is closed before the next group. */
  readonly segmentBytes: number
  /** A segment is old this long after its first group, or after it was found when the log was opened. */
  readonly segmentAgeMs: number
}

interface Opened {
  readonly segments: Segments
  /** Sequence of the next record. */
  readonly next: number
  readonly torn: TornTail | undefined
}

/** A log of few bytes still consists of several segments, so that room is made by deleting closed ones. */
const MIN_SEGMENTS = 4

/** The writer's segments: the current one, which it extends, and the disk budget of all. */
export class Segments {
  readonly #files: Files
  readonly #dir: string
  readonly #limits: SegmentLimits
  readonly #now: () => Date
  /** Bytes of the closed segments, by first sequence. The worker deletes them: refreshed when they seem too many. */
  #closed: ReadonlyMap<number, number>
  #current: CurrentSegment
  /** When the current segment began to age. */
  #since: number
  /** A group was written and is not durable: the file may hold more than its durable bytes. */
  #spoiled = false
  /** The next segment may exist already, so that nothing may be added to the current one. */
  #closing = false

  private constructor(
    files: Files,
    dir: string,
    limits: SegmentLimits,
    now: () => Date,
    closed: ReadonlyMap<number, number>,
    current: CurrentSegment,
  ) {
    this.#files = files
    this.#dir = dir
    this.#limits = { ...limits, segmentBytes: Math.min(limits.segmentBytes, limits.maxDiskBytes / MIN_SEGMENTS) }
    this.#now = now
    this.#closed = closed
    this.#current = current
    this.#since = now().getTime()
  }

  /** Opens the folder's segments at the log's true end; `afterArchive` is where a folder without any begins. */
  static async open(
    { files, now }: { readonly files: Files; readonly now: () => Date },
    dir: string,
    limits: SegmentLimits,
    afterArchive: number,
  ): Promise<Opened> {
    const firsts = await listSegments(files, dir)
    const closed = await sizesOf(files, dir, firsts.slice(0, -1))
    const { current, next, torn } = await openLastSegment(files, dir, firsts.at(-1) ?? afterArchive)
    return { segments: new Segments(files, dir, limits, now, closed, current), next, torn }
  }

  /** Makes sure that `bytes` fit, in a new segment that starts at `next` when the current one is full. */
  async makeRoom(bytes: number, next: number): Promise<void> {
    await this.cutBack()
    if (this.diskBytes + bytes > this.#limits.maxDiskBytes) await this.#refresh()
    if (this.diskBytes + bytes > this.#limits.maxDiskBytes) throw full(this.diskBytes, this.#limits.maxDiskBytes)
    if (this.#closing || this.#current.bytes >= this.#limits.segmentBytes) await this.#startSegment(next)
  }

  /** Resolves when `group` is durable at the end of the current segment. */
  async append(group: Uint8Array): Promise<void> {
    const { file, bytes } = this.#current
    if (bytes === 0) this.#since = this.#now().getTime()
    this.#spoiled = true
    await file.write(group, bytes)
    await file.sync()
    this.#spoiled = false
    this.#current = { ...this.#current, bytes: bytes + group.length }
  }

  /** Removes what a failed append left behind the durable end; nothing is added before that worked. */
  async cutBack(): Promise<void> {
    if (!this.#spoiled) return
    const { file, bytes } = this.#current
    await file.truncate(bytes)
    await file.sync()
    this.#spoiled = false
  }

  /** Milliseconds until the current segment is old; while it is empty, those it has from its first group on. */
  get ageLeft(): number {
    const { segmentAgeMs } = this.#limits
    return this.#current.bytes === 0 ? segmentAgeMs : this.#since + segmentAgeMs - this.#now().getTime()
  }

  /** Makes the current segment old, whenever it began. */
  age(): void {
    this.#since = -Infinity
  }

  /** Closes the current segment when it is old. */
  async closeOld(next: number): Promise<void> {
    if (this.ageLeft > 0) return
    this.#since = this.#now().getTime()
    await this.cutBack()
    await this.#startSegment(next)
  }

  head(sequence: number): Head {
    return { sequence, segment: this.#current.first, bytes: this.#current.bytes }
  }

  /** First sequence of the current segment. */
  get first(): number {
    return this.#current.first
  }

  get empty(): boolean {
    return this.#current.bytes === 0
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
    this.#closing = true
    const file = await openSegment(this.#files, this.#dir, next)
    const { first, bytes, file: previous } = this.#current
    this.#closed = new Map(this.#closed).set(first, bytes)
    this.#current = { first: next, file, bytes: 0 }
    this.#closing = false
    await previous.close()
  }

  async #refresh(): Promise<void> {
    const present = new Set(await listSegments(this.#files, this.#dir))
    this.#closed = new Map([...this.#closed].filter(([first]) => present.has(first)))
  }
}

async function sizesOf(files: Files, dir: string, firsts: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>()
  for (const first of firsts) {
    const size = await sizeOf(files, segmentFile(dir, first))
    if (size !== undefined) sizes.set(first, size)
  }
  return sizes
}

/** Undefined for a file that was deleted since it was listed. */
async function sizeOf(files: Files, path: string): Promise<number | undefined> {
  try {
    await using file = await files.open(path, 'read')
    return await file.size()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function full(used: number, allowed: number): MusterError {
  return new MusterError('log_full', `the event log holds ${used} of the ${allowed} bytes it may (log.max_disk)`)
}
