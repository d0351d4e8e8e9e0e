import type { StoredRecord } from '../../event-log.ts'

/** A promise of the log that was broken. */
export class Violation extends Error {}

type Found = Pick<StoredRecord, 'sequence' | 'payload'>

/** What the log promised in the course of a history. */
export class Promises {
  /** Every payload that was ever handed over, each of them once. */
  readonly #sent = new Set<string>()
  /** Payloads that were acknowledged, or shown to a reader: they are there for ever. */
  readonly #kept = new Map<number, string>()
  readonly #committed = new Map<string, number>()
  /** The warehouse's position when segments were last deleted. */
  deletedThrough = 0

  send(payload: Buffer): void {
    this.#sent.add(payload.toString('latin1'))
  }

  get kept(): number {
    return this.#kept.size
  }

  acknowledge(first: number, payloads: readonly Buffer[]): void {
    const records = payloads.map((payload, index) => ({ sequence: first + index, payload }))
    this.#compare(records, first - 1)
    for (const { sequence, payload } of records) this.#kept.set(sequence, payload.toString('latin1'))
  }

  /** Records that a reader showed after the sequence `after`. */
  show(records: readonly StoredRecord[], after: number): void {
    this.#compare(records, after)
    for (const { sequence, payload } of records) this.#kept.set(sequence, payload.toString('latin1'))
  }

  commit(consumer: string, sequence: number): void {
    this.#committed.set(consumer, sequence)
  }

  /** Holds the whole log against the promises: its records after `start`, in order, and the consumers' positions. */
  check(records: readonly StoredRecord[], start: number, positions: ReadonlyMap<string, number>): void {
    if (start > this.deletedThrough)
      throw new Violation(`the log begins after ${start}, passed is ${this.deletedThrough}`)
    this.#compare(records, start)
    const head = start + records.length
    const beyond = [...this.#kept.keys()].find((sequence) => sequence > head)
    if (beyond !== undefined) throw new Violation(`record ${beyond} is lost: the log ends at ${head}`)
    const distinct = new Set(records.map(({ payload }) => payload.toString('latin1')))
    if (distinct.size < records.length) throw new Violation('a record is stored twice')
    for (const [consumer, position] of positions) this.checkPosition(consumer, position, head)
  }

  checkPosition(consumer: string, position: number, head = Infinity): void {
    const committed = this.#committed.get(consumer) ?? 0
    if (position < committed) throw new Violation(`${consumer} is at ${position}, but committed ${committed}`)
    if (position > head) throw new Violation(`${consumer} is at ${position}, but the log ends at ${head}`)
  }

  /** Consecutive records that somebody sent, and that are what they were before. */
  #compare(records: readonly Found[], after: number): void {
    for (const [index, { sequence, payload }] of records.entries()) {
      const text = payload.toString('latin1')
      const before = this.#kept.get(sequence)
      if (sequence !== after + index + 1)
        throw new Violation(`record ${sequence} stands where ${after + index + 1} should`)
      if (!this.#sent.has(text)) throw new Violation(`record ${sequence} was never sent: ${excerpt(text)}`)
      if (before !== undefined && before !== text) {
        throw new Violation(`record ${sequence} is ${excerpt(text)}, but was ${excerpt(before)}`)
      }
    }
  }
}

function excerpt(text: string): string {
  return `${JSON.stringify(text.slice(0, 20))} of ${text.length} bytes`
}
