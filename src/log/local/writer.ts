import { makeFolder } from '../../core/durable-file.ts'
import { type Effects, systemEffects } from '../../core/effects.ts'
import { MusterError, messageOf } from '../../core/errors.ts'
import { acquireLock, type Lock } from '../../core/lock.ts'
import type { Appended, LogEntry, LogStats, LogWriter } from '../event-log.ts'
import type { TornTail } from './current-segment.ts'
import { unwritten } from './failure.ts'
import { MAX_PAYLOAD_BYTES } from './frame.ts'
import { frameBytes, Group } from './group.ts'
import { HeadPublisher } from './head.ts'
import { lockFile } from './layout.ts'
import { Segments } from './segments.ts'

export interface LogWriterOptions {
  readonly dir: string
  /** Beyond this appends are refused with `log_full`. */
  readonly maxDiskBytes: number
  /** A segment this large is closed; 64 MiB when absent. */
  readonly segmentBytes?: number
  /** A segment is closed this long after its first record, also when nothing more arrives; 1 hour when absent. */
  readonly segmentAgeMs?: number
  /** The archive's last sequence: an emptied log goes on numbering after it. */
  readonly archivedThrough?: number
  /** Told what a crash left half written, once it is cut. */
  readonly onTornTail?: (torn: TornTail) => void
  readonly effects?: Effects
}

const SEGMENT_BYTES = 64 * 1024 * 1024
const SEGMENT_AGE_MS = 60 * 60 * 1000
const MAX_WAITING_BYTES = 64 * 1024 * 1024
/** Larger buffers of a group are not kept for the next one. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024
const LOCK_WAIT_MS = 2000
/** Timers take no more. */
const MAX_SLEEP_MS = 2 ** 31 - 1

/**
 * Opens the log in `dir` for its one writer and brings it to its true end after a crash.
 * @throws MusterError `project_locked`, `folder_unwritable`, `log_corrupt`, `log_full`, `log_unwritable`
 */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const {
    dir,
    archivedThrough = 0,
    maxDiskBytes,
    segmentBytes = SEGMENT_BYTES,
    segmentAgeMs = SEGMENT_AGE_MS,
  } = options
  const { effects = systemEffects } = options
  const { files } = effects
  await makeFolder(dir, files).catch((error: unknown) => {
    throw new MusterError('folder_unwritable', `cannot write the event log in ${dir}: ${messageOf(error)}`, {
      cause: error,
    })
  })
  const lock = await acquireLock(lockFile(dir), { waitMs: LOCK_WAIT_MS, what: 'the collector', effects })
  try {
    const limits = { maxDiskBytes, segmentBytes, segmentAgeMs }
    const { segments, next, torn } = await Segments.open(effects, dir, limits, archivedThrough + 1)
    const publisher = await HeadPublisher.open(files, dir)
    publisher.publish(segments.head(next - 1))
    if (torn !== undefined) options.onTornTail?.(torn)
    return new LocalLogWriter(segments, publisher, lock, next, effects)
  } catch (error) {
    await lock.release()
    throw unwritten(error)
  }
}

/**
 * Group commit: one write and one sync are under way at a time, and all that arrives meanwhile is the next group.
 * When a group fails, so does the next: its records are numbered after those that failed.
 */
class LocalLogWriter implements LogWriter {
  readonly #segments: Segments
  readonly #publisher: HeadPublisher
  readonly #lock: Lock
  readonly #effects: Effects
  readonly #stop = new AbortController()
  readonly #ageing: Promise<void>
  /** Sequence of the last durable record. */
  #head: number
  #open: Group
  #spare: Buffer | undefined
  #underWayBytes = 0
  #draining: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #appends = 0
  #syncs = 0
  #lastError: string | null = null

  constructor(segments: Segments, publisher: HeadPublisher, lock: Lock, next: number, effects: Effects) {
    this.#segments = segments
    this.#publisher = publisher
    this.#lock = lock
    this.#head = next - 1
    this.#open = new Group(next)
    this.#effects = effects
    this.#ageing = this.#closeOldSegments()
  }

  append(entries: readonly LogEntry[]): Promise<Appended> {
    return new Promise((done, fail) => {
      const refusal = this.#refusal(entries)
      if (refusal !== undefined) return fail(refusal)
      this.#open.add(entries, done, fail)
      this.#draining ??= this.#drain()
    })
  }

  stats(): LogStats {
    return {
      head: this.#head,
      segments: this.#segments.count,
      diskBytes: this.#segments.diskBytes,
      appends: this.#appends,
      syncs: this.#syncs,
      lastError: this.#lastError,
    }
  }

  async closeSegment(): Promise<void> {
    await this.#draining
    const { first, empty } = this.#segments
    if (empty) return
    this.#segments.age()
    this.#draining ??= this.#drain()
    await this.#draining
    if (this.#segments.first !== first) return
    throw new MusterError('log_unwritable', this.#lastError ?? 'the event log is closed', { hint: 'Try again.' })
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #finish(): Promise<void> {
    this.#stop.abort()
    await this.#ageing
    await this.#draining
    try {
      await this.#segments.close()
      await this.#publisher.close()
    } finally {
      await this.#lock.release()
    }
  }

  #refusal(entries: readonly LogEntry[]): MusterError | undefined {
    if (this.#closing) return new MusterError('log_unwritable', 'the event log is closed', { hint: 'Send again.' })
    const large = entries.find(({ payload }) => payload.length > MAX_PAYLOAD_BYTES)
    if (large) return new MusterError('usage', `a record of ${large.payload.length} bytes exceeds ${MAX_PAYLOAD_BYTES}`)
    const waiting = this.#underWayBytes + this.#open.frames.length
    if (waiting > 0 && waiting + frameBytes(entries) > MAX_WAITING_BYTES) {
      return new MusterError('log_busy', `${waiting} bytes already wait to be written to the event log`)
    }
    return undefined
  }

  /** Has the current segment closed when it is old, until the writer closes. */
  async #closeOldSegments(): Promise<void> {
    while (await this.#sleep(Math.max(0, this.#segments.ageLeft))) {
      await this.#draining
      this.#draining ??= this.#drain()
      await this.#draining
    }
  }

  async #sleep(ms: number): Promise<boolean> {
    await this.#effects.sleep(Math.min(ms, MAX_SLEEP_MS), this.#stop.signal).catch(() => undefined) // closing wakes it
    return !this.#stop.signal.aborted
  }

  async #drain(): Promise<void> {
    for (;;) {
      await this.#closeOld()
      if (this.#open.appends === 0) break
      const group = this.#open
      this.#open = new Group(group.next, this.#spare)
      this.#spare = undefined
      this.#underWayBytes = group.frames.length
      await this.#commit(group)
      this.#underWayBytes = 0
      if (group.buffer.length <= MAX_SPARE_BYTES) this.#spare = group.buffer
    }
    this.#draining = undefined
  }

  async #commit(group: Group): Promise<void> {
    try {
      await this.#segments.makeRoom(group.frames.length, this.#head + 1)
      await this.#segments.append(group.frames)
      this.#head = group.next - 1
      this.#publisher.publish(this.#segments.head(this.#head))
      this.#syncs++
      this.#appends += group.appends
      group.settle()
    } catch (error) {
      // When this fails too, it is tried again before the next group.
      await this.#segments.cutBack().catch(() => undefined)
      const failure = this.#failed(error)
      const numberedAfter = this.#open
      this.#open = new Group(this.#head + 1)
      group.fail(failure)
      numberedAfter.fail(failure)
    }
  }

  async #closeOld(): Promise<void> {
    try {
      await this.#segments.closeOld(this.#head + 1)
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): MusterError {
    const failure = unwritten(error)
    this.#lastError = failure.message
    return failure
  }
}
