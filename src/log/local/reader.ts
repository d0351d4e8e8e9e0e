import { watch } from 'node:fs'
import { type Effects, systemEffects } from '../../core/effects.ts'
import { MusterError } from '../../core/errors.ts'
import { type Files, isMissing } from '../../core/files.ts'
import type { LogReader, ReadBatch, ReadRequest } from '../event-log.ts'
import { Batch, type Position } from './batch.ts'
import { commitPosition, readPosition } from './consumers.ts'
import { readHead } from './head.ts'
import { archiveFile, headFile, listArchive, listSegments, type Range, segmentFile } from './layout.ts'
import { damaged, readBytes, readSegment, unpackSegment } from './segment-reader.ts'

export interface LogReaderOptions {
  readonly dir: string
  /** Where sequences that left the log are read; absent: nowhere. */
  readonly archiveDir?: string | undefined
  readonly effects?: Effects
}

/** Where a read stopped, so that the next one need not search: by sequence of the record that follows. */
type Bookmarks = Map<number, { readonly first: number; readonly offset: number }>

const MAX_BOOKMARKS = 64
const POLL_MS = 250

/** Reads the log in `dir`, which another process may be writing, and its archive. */
export function openLogReader(options: LogReaderOptions): LogReader {
  return new LocalLogReader(options)
}

class LocalLogReader implements LogReader {
  readonly #files: Files
  readonly #dir: string
  readonly #archiveDir: string | undefined
  readonly #bookmarks: Bookmarks = new Map()
  readonly #closed = new AbortController()
  /** The archived segment read last: whoever replays reads it to its end. */
  #unpacked: { readonly file: string; readonly bytes: Promise<Buffer> } | undefined

  constructor({ dir, archiveDir, effects = systemEffects }: LogReaderOptions) {
    this.#files = effects.files
    this.#dir = dir
    this.#archiveDir = archiveDir
  }

  async read(request: ReadRequest): Promise<ReadBatch> {
    const batch = new Batch(request, await this.head())
    while (!batch.full) {
      request.signal?.throwIfAborted()
      await this.#readOn(batch)
    }
    return { records: batch.records, last: batch.next - 1 }
  }

  async head(): Promise<number> {
    return readHead(this.#files, this.#dir).sequence
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
  async #readOn(batch: Batch): Promise<void> {
    const { next } = batch
    const first = (await listSegments(this.#files, this.#dir)).findLast((candidate) => candidate <= next)
    if (first === undefined) return this.#readArchived(batch)
    const file = segmentFile(this.#dir, first)
    try {
      const stop = await readSegment(this.#files, file, this.#startIn(first, next), batch)
      this.#finish(file, first, stop, batch, next)
    } catch (error) {
      // Archived and deleted since it was listed.
      if (!isMissing(error)) throw error
    }
  }

  async #readArchived(batch: Batch): Promise<void> {
    const { next } = batch
    const archived = this.#archiveDir === undefined ? [] : await listArchive(this.#files, this.#archiveDir)
    const range = archived.findLast(({ first }) => first <= next)
    if (this.#archiveDir === undefined || range === undefined || range.last < next)
      throw await this.#gone(next, archived)
    const file = archiveFile(this.#archiveDir, range)
    const stop = readBytes(file, await this.#unpack(file), this.#startIn(range.first, next), batch)
    this.#finish(file, range.first, stop, batch, next)
  }

  #startIn(first: number, next: number): Position {
    const bookmark = this.#bookmarks.get(next)
    return bookmark?.first === first ? { offset: bookmark.offset, sequence: next } : { offset: 0, sequence: first }
  }

  #finish(file: string, first: number, stop: Position, batch: Batch, before: number): void {
    if (batch.next === before) throw damaged(file, stop)
    this.#bookmarks.set(stop.sequence, { first, offset: stop.offset })
    const [oldest] = this.#bookmarks.keys()
    if (this.#bookmarks.size > MAX_BOOKMARKS && oldest !== undefined) this.#bookmarks.delete(oldest)
  }

  #unpack(file: string): Promise<Buffer> {
    if (this.#unpacked?.file !== file) this.#unpacked = { file, bytes: unpackSegment(this.#files, file) }
    return this.#unpacked.bytes
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
