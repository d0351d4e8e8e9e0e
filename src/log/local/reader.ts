import { watch } from 'node:fs'
import { type Effects, systemEffects } from '../../core/effects.ts'
import { MusterError } from '../../core/errors.ts'
import { type Files, isMissing } from '../../core/files.ts'
import type { ArchiveStore } from '../archive/store.ts'
import type { LogReader, ReadBatch, ReadRequest } from '../event-log.ts'
import { Batch, type Position } from './batch.ts'
import { Bookmarks } from './bookmarks.ts'
import { commitPosition, readPosition } from './consumers.ts'
import { readHead } from './head.ts'
import { archiveFile, headFile, listArchive, listSegments, type Range, segmentFile } from './layout.ts'
import { damaged, readBytes, readSegment, unpackSegment } from './segment-reader.ts'

export interface LogReaderOptions {
  readonly dir: string
  /** Where sequences that left the log are read; absent: nowhere. */
  readonly archive?: ArchiveStore | undefined
  readonly effects?: Effects
}

interface Unpacked {
  readonly range: Range
  readonly bytes: Buffer
}

const POLL_MS = 250

/** Reads the log in `dir`, which another process may be writing, and its archive. */
export function openLogReader(options: LogReaderOptions): LogReader {
  return new LocalLogReader(options)
}

class LocalLogReader implements LogReader {
  readonly #files: Files
  readonly #dir: string
  readonly #archive: ArchiveStore | undefined
  readonly #bookmarks = new Bookmarks()
  readonly #closed = new AbortController()
  /** The archived segment read last: whoever replays reads it to its end. */
  #unpacked: Unpacked | undefined

  constructor({ dir, archive, effects = systemEffects }: LogReaderOptions) {
    this.#files = effects.files
    this.#dir = dir
    this.#archive = archive
  }

  async read(request: ReadRequest): Promise<ReadBatch> {
    const batch = new Batch(request, await this.head())
    while (!batch.full) {
      request.signal?.throwIfAborted()
      await this.#readOn(batch, request.signal)
    }
    return { records: batch.records, last: batch.next - 1 }
  }

  /** Whoever starts at the end, such as one that only watches, need not search for it. */
  async head(): Promise<number> {
    const { sequence, segment, bytes } = readHead(this.#files, this.#dir)
    if (this.#bookmarks.before(sequence + 1, segment).sequence <= sequence) {
      this.#bookmarks.set(segment, { offset: bytes, sequence: sequence + 1 })
    }
    return sequence
  }

  async wait(after: number, signal?: AbortSignal): Promise<void> {
    const either = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal])
    await changeOf(this.#dir, () => readHead(this.#files, this.#dir).sequence > after, either)
  }

  commit(consumer: string, sequence: number): Promise<void> {
    return commitPosition(this.#files, this.#dir, consumer, sequence)
  }

  position(consumer: string): Promise<number> {
    return readPosition(this.#files, this.#dir, consumer)
  }

  async close(): Promise<void> {
    this.#closed.abort(new MusterError('log_unwritable', 'the reader of the event log is closed'))
    this.#unpacked = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Reads on in the one segment that holds the batch's next record. */
  async #readOn(batch: Batch, signal: AbortSignal | undefined): Promise<void> {
    const { next } = batch
    const first = (await listSegments(this.#files, this.#dir)).findLast((candidate) => candidate <= next)
    if (first === undefined) return this.#readArchived(batch, signal)
    const file = segmentFile(this.#dir, first)
    try {
      await this.#readFrom(file, first, batch, (start) => readSegment(this.#files, file, start, batch))
    } catch (error) {
      // Archived and deleted since it was listed.
      if (!isMissing(error)) throw error
    }
  }

  async #readArchived(batch: Batch, signal: AbortSignal | undefined): Promise<void> {
    const { range, bytes } = await this.#unpack(batch.next, signal)
    const file = `${archiveFile(range)} in ${this.#archive?.place}`
    await this.#readFrom(file, range.first, batch, async (start) => readBytes(file, bytes, start, batch))
  }

  /** Reads from the nearest bookmark, and from the segment's start when it proves to be of an older version of it. */
  async #readFrom(file: string, first: number, batch: Batch, read: (start: Position) => Promise<Position>) {
    const { next } = batch
    const start = this.#bookmarks.before(next, first)
    const stop = await read(start).catch((error: unknown) => {
      if (!(error instanceof MusterError) || start.offset === 0 || batch.next > next) throw error
      return undefined
    })
    if (stop !== undefined && batch.next > next) return this.#bookmarks.set(first, stop)
    this.#bookmarks.forget(first)
    if (start.offset === 0) throw damaged(file, stop ?? start)
  }

  async #unpack(next: number, signal: AbortSignal | undefined): Promise<Unpacked> {
    const holds = ({ first, last }: Range) => first <= next && next <= last
    if (this.#unpacked !== undefined && holds(this.#unpacked.range)) return this.#unpacked
    const archived = this.#archive === undefined ? [] : await listArchive(this.#archive, signal)
    const range = archived.find(holds)
    if (this.#archive === undefined || range === undefined) throw await this.#gone(next, archived)
    this.#unpacked = undefined
    this.#unpacked = { range, bytes: await unpackSegment(this.#archive, range, signal) }
    return this.#unpacked
  }

  async #gone(next: number, archived: readonly Range[]): Promise<MusterError> {
    const [first] = await listSegments(this.#files, this.#dir)
    const ranges = archived.map((range) => `${range.first}–${range.last}`).join(', ')
    const log = first === undefined ? 'the log is empty' : `the log begins at ${first}`
    return new MusterError(
      'log_range_gone',
      `record ${next} is neither in the log nor in the archive: ${log}, the archive holds ${ranges || 'nothing'}`,
    )
  }
}

/** Resolves when `happened()`; looks when the published head changes and, for file systems that tell nothing, on a timer. */
function changeOf(dir: string, happened: () => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const watcher = watchHead(dir, look)
    const timer = setInterval(look, POLL_MS)
    signal.addEventListener('abort', give, { once: true })
    look()

    function look(): void {
      try {
        if (!happened()) return
        stop()
        resolve()
      } catch (error) {
        stop()
        reject(error)
      }
    }
    function give(): void {
      stop()
      reject(signal.reason)
    }
    function stop(): void {
      watcher?.close()
      clearInterval(timer)
      signal.removeEventListener('abort', give)
    }
  })
}

/** No watcher when there is no writer yet, or the system's watchers are used up: the timer finds the change. */
function watchHead(dir: string, changed: () => void): { close(): void } | undefined {
  try {
    return watch(headFile(dir), changed).on('error', () => undefined)
  } catch {
    return undefined
  }
}
