import type { ReadRequest, StoredRecord } from '../event-log.ts'
import { readFrame, readHeader } from './frame.ts'

/** Records of one read while they are gathered, over one or several segments. */
export class Batch {
  readonly records: StoredRecord[] = []
  readonly #from: number
  readonly #until: number
  readonly #maxRecords: number
  readonly #maxBytes: number
  #bytes = 0

  /** From the record after `after`, up to the sequence `until`. */
  constructor({ after, maxRecords, maxBytes }: ReadRequest, until: number) {
    this.#from = after + 1
    this.#until = until
    this.#maxRecords = Math.max(1, maxRecords)
    this.#maxBytes = maxBytes
  }

  /** Sequence of the record to be read next. */
  get next(): number {
    return this.#from + this.records.length
  }

  get full(): boolean {
    const { length } = this.records
    return this.next > this.#until || length >= this.#maxRecords || (length > 0 && this.#bytes >= this.#maxBytes)
  }

  /**
   * Takes whole frames out of `source` until the batch is full or no whole frame is left; `sequence` is that of the
   * first, and those before the batch's start are passed over. Returns where it stopped.
   */
  take(source: Buffer, start: Position): Position {
    let { offset, sequence } = start
    while (!this.full) {
      const end = sequence < this.next ? skip(source, offset, sequence) : this.#add(source, offset, sequence)
      if (end === undefined) break
      offset = end
      sequence++
    }
    return { offset, sequence }
  }

  #add(source: Buffer, offset: number, sequence: number): number | undefined {
    const frame = readFrame(source, offset)
    if (frame === undefined || frame.sequence !== sequence) return undefined
    this.records.push({ sequence, partition: frame.partition, payload: frame.payload })
    this.#bytes += frame.end - offset
    return frame.end
  }
}

/** A frame's place in its segment. */
export interface Position {
  readonly offset: number
  readonly sequence: number
}

function skip(source: Buffer, offset: number, sequence: number): number | undefined {
  const header = readHeader(source, offset)
  return header === undefined || header.sequence !== sequence || header.end > source.length ? undefined : header.end
}
