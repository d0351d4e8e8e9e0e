import { crc32 } from 'node:zlib'
import { makeFolder } from '../../core/durable-file.ts'
import { type Effects, systemEffects } from '../../core/effects.ts'
import { MusterError, messageOf } from '../../core/errors.ts'
import { acquireLock, type Lock } from '../../core/lock.ts'
import { type Appended, type LogEntry, type LogStats, type LogWriter, PARTITIONS } from '../event-log.ts'
import { type Disk, systemDisk } from './disk.ts'
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, writeFrame } from './frame.ts'
import { HeadPublisher } from './head.ts'
import { listArchive, lockFile } from './layout.ts'
import { Segments } from './segments.ts'

export interface LogWriterOptions {
  readonly dir: string
  /** Beyond this appends are refused with `log_full`. */
  readonly maxDiskBytes: number
  /** 64 MiB when absent. */
  readonly segmentBytes?: number
  /** Where closed segments go: an emptied log goes on numbering after it. */
  readonly archiveDir?: string | undefined
  readonly effects?: Effects
  readonly disk?: Disk
}

interface Append {
  readonly entries: readonly LogEntry[]
  readonly bytes: number
  readonly done: (appended: Appended) => void
  readonly fail: (error: MusterError) => void
}

const SEGMENT_BYTES = 64 * 1024 * 1024
const MAX_WAITING_BYTES = 256 * 1024 * 1024
const SCRATCH_BYTES = 4 * 1024 * 1024
const LOCK_WAIT_MS = 2000

/**
 * Opens the log in `dir` for its one writer and brings it to its true end after a crash.
 * @throws MusterError `project_locked`, `folder_unwritable`, `log_corrupt`
 */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const { dir, archiveDir, maxDiskBytes, segmentBytes = SEGMENT_BYTES } = options
  const { effects = systemEffects, disk = systemDisk } = options
  await makeFolder(dir).catch((error: unknown) => {
    throw new MusterError('folder_unwritable', `cannot write the event log in ${dir}: ${messageOf(error)}`, {
      cause: error,
    })
  })
  const lock = await acquireLock(lockFile(dir), { waitMs: LOCK_WAIT_MS, what: 'the collector', effects })
  try {
    const archived = archiveDir === undefined ? [] : await listArchive(archiveDir)
    const limits = { maxDiskBytes, segmentBytes }
    const { segments, next } = await Segments.open(dir, disk, limits, (archived.at(-1)?.last ?? 0) + 1)
    const publisher = new HeadPublisher(dir)
    publisher.publish(segments.head(next - 1))
    return new LocalLogWriter(segments, publisher, lock, next)
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Group commit: one write and one sync are under way at a time, and all that arrives meanwhile is the next group. */
class LocalLogWriter implements LogWriter {
  readonly #segments: Segments
  readonly #publisher: HeadPublisher
  readonly #lock: Lock
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #next: number
  #waiting: Append[] = []
  #waitingBytes = 0
  #draining: Promise<void> | undefined
  /** Set for good when the file can no longer be brought back to its durable end. */
  #broken: MusterError | undefined
  #closing: Promise<void> | undefined
  #appends = 0
  #syncs = 0
  #lastError: string | null = null

  constructor(segments: Segments, publisher: HeadPublisher, lock: Lock, next: number) {
    this.#segments = segments
    this.#publisher = publisher
    this.#lock = lock
    this.#next = next
  }

  append(entries: readonly LogEntry[]): Promise<Appended> {
    return new Promise((done, fail) => {
      const bytes = frameBytes(entries)
      const refusal = this.#refusal(entries, bytes)
      if (refusal !== undefined) return fail(refusal)
      this.#waiting.push({ entries, bytes, done, fail })
      this.#waitingBytes += bytes
      this.#draining ??= this.#drain()
    })
  }

  stats(): LogStats {
    return {
      head: this.#next - 1,
      segments: this.#segments.count,
      diskBytes: this.#segments.diskBytes,
      appends: this.#appends,
      syncs: this.#syncs,
      lastError: this.#lastError,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #finish(): Promise<void> {
    await this.#draining
    await this.#segments.close()
    this.#publisher.close()
    await this.#lock.release()
  }

  #refusal(entries: readonly LogEntry[], bytes: number): MusterError | undefined {
    if (this.#closing) return new MusterError('log_unwritable', 'the event log is closed', { hint: 'Send again.' })
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES && this.#waitingBytes > 0) {
      return new MusterError('log_busy', `${this.#waitingBytes} bytes already wait to be written to the event log`)
    }
    const large = entries.find(({ payload }) => payload.length > MAX_PAYLOAD_BYTES)
    if (large) return new MusterError('usage', `a record of ${large.payload.length} bytes exceeds ${MAX_PAYLOAD_BYTES}`)
    return this.#broken
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      await this.#commit(group)
    }
    this.#draining = undefined
  }

  async #commit(group: readonly Append[]): Promise<void> {
    const bytes = group.reduce((sum, append) => sum + append.bytes, 0)
    try {
      if (this.#broken) throw this.#broken
      await this.#segments.makeRoom(bytes, this.#next)
      await this.#segments.append(this.#encode(group, bytes))
      this.#acknowledge(group)
    } catch (error) {
      const failure = await this.#recover(error)
      this.#lastError = failure.message
      for (const { fail } of group) fail(failure)
    } finally {
      this.#waitingBytes -= bytes
    }
  }

  #encode(group: readonly Append[], bytes: number): Buffer {
    const target = bytes <= SCRATCH_BYTES ? this.#scratch : Buffer.allocUnsafeSlow(bytes)
    let at = 0
    let place = 0
    for (const { entries } of group) {
      for (const { key, payload } of entries) {
        at = writeFrame(target, at, { sequence: this.#next + place, partition: partitionOf(key), place }, payload)
        place++
      }
    }
    return target.subarray(0, at)
  }

  #acknowledge(group: readonly Append[]): void {
    let first = this.#next
    this.#next += group.reduce((sum, { entries }) => sum + entries.length, 0)
    this.#publisher.publish(this.#segments.head(this.#next - 1))
    this.#syncs++
    this.#appends += group.length
    for (const { entries, done } of group) {
      done({ first, last: first + entries.length - 1 })
      first += entries.length
    }
  }

  /** The failure to report; afterwards the file ends at its durable end, or the writer refuses everything. */
  async #recover(error: unknown): Promise<MusterError> {
    if (error instanceof MusterError) return error
    try {
      await this.#segments.cutBack()
      return unwritten(error)
    } catch (cause) {
      const message = `the event log cannot be brought back to its durable end: ${messageOf(cause)}`
      this.#broken = new MusterError('log_unwritable', message, { cause })
      return this.#broken
    }
  }
}

function frameBytes(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0)
}

function partitionOf(key: string): number {
  return crc32(key) % PARTITIONS
}

function unwritten(error: unknown): MusterError {
  const noRoom = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  const code = noRoom ? 'log_full' : 'log_unwritable'
  return new MusterError(code, `the event log could not be written: ${messageOf(error)}`, { cause: error })
}
