import { crc32 } from 'node:zlib'
import type { MusterError } from '../../core/errors.ts'
import { type Appended, type LogEntry, PARTITIONS } from '../event-log.ts'
import { HEADER_BYTES, writeFrame } from './frame.ts'

/** Told what became of an append. */
interface Waiting {
  readonly appended: Appended
  readonly done: (appended: Appended) => void
  readonly fail: (error: MusterError) => void
}

const FIRST_BYTES = 256 * 1024

/** Appends that will become durable together, framed as they come in: meanwhile the disk is busy with the group before. */
export class Group {
  readonly #first: number
  readonly #waiting: Waiting[] = []
  #buffer: Buffer
  #length = 0
  #records = 0

  /** Its records are numbered from `first`; `buffer` is used until it is too small. */
  constructor(first: number, buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)) {
    this.#first = first
    this.#buffer = buffer
  }

  add(entries: readonly LogEntry[], done: Waiting['done'], fail: Waiting['fail']): void {
    const first = this.next
    this.#reserve(frameBytes(entries))
    for (const { key, payload } of entries) {
      const header = { sequence: this.next, partition: crc32(key) % PARTITIONS, place: this.#records }
      this.#length = writeFrame(this.#buffer, this.#length, header, payload)
      this.#records++
    }
    this.#waiting.push({ appended: { first, last: this.next - 1 }, done, fail })
  }

  /** Sequence of the record after its last. */
  get next(): number {
    return this.#first + this.#records
  }

  get appends(): number {
    return this.#waiting.length
  }

  get frames(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** For another group, once this one is settled. */
  get buffer(): Buffer {
    return this.#buffer
  }

  settle(): void {
    for (const { appended, done } of this.#waiting) done(appended)
  }

  fail(error: MusterError): void {
    for (const { fail } of this.#waiting) fail(error)
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

/** What the frames of `entries` take on disk. */
export function frameBytes(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0)
}
