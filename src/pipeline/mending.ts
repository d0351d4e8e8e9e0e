import type { WaitingRange } from '../warehouse/held-rows.ts'

/** The events tried at once. */
const AT_ONCE = 5000
/** After so many refusals without anything that landed, the rest waits for the next try, which goes on from there. */
const MOST_REFUSALS = 20

/** What became of one stretch of held rows; it ends at the row with the number `last`. */
export interface Tried {
  readonly first: number
  readonly last: number
  readonly events: number
  /** Rows that landed; none where the table refused. */
  readonly landed: number
}

/** Tries to land a stretch of a table's held rows, whole or not at all; undefined when there are none. */
export type TryToLand = (table: string, range: WaitingRange) => Promise<Tried | undefined>

/**
 * Lands what is held of tables: whole where a table takes all, else in halves, to find the rows that it refuses. A table that
 * refuses all is left soon; one with many such rows is gone through in several tries.
 */
export class Mending {
  readonly #try: TryToLand
  /** Where the last try of a table gave up. */
  readonly #resumeAfter = new Map<string, number>()

  constructor(tryToLand: TryToLand) {
    this.#try = tryToLand
  }

  /** Gives how many rows landed. */
  async of(table: string, signal: AbortSignal): Promise<number> {
    const pass = new Pass(this.#try, table, signal)
    const from = this.#resumeAfter.get(table) ?? 0
    await pass.go({ after: from, upTo: Number.MAX_SAFE_INTEGER, events: AT_ONCE })
    if (pass.gaveUp) this.#resumeAfter.set(table, pass.reached)
    else this.#resumeAfter.delete(table)
    return pass.landed
  }
}

/** One go through the held rows of a table. */
class Pass {
  landed = 0
  reached = 0
  #refusals = 0
  readonly #try: TryToLand
  readonly #table: string
  readonly #signal: AbortSignal

  constructor(tryToLand: TryToLand, table: string, signal: AbortSignal) {
    this.#try = tryToLand
    this.#table = table
    this.#signal = signal
  }

  get gaveUp(): boolean {
    return this.#refusals >= MOST_REFUSALS
  }

  async go(range: WaitingRange): Promise<void> {
    let { after } = range
    while (!this.#signal.aborted && !this.gaveUp) {
      const tried = await this.#try(this.#table, { ...range, after })
      if (!tried) return
      if (tried.landed > 0) {
        this.landed += tried.landed
        this.#refusals = 0
      } else {
        this.#refusals += 1
        const halves = { after: tried.first - 1, upTo: tried.last, events: Math.ceil(tried.events / 2) }
        if (tried.events > 1) await this.go(halves)
        else this.reached = tried.last
      }
      after = tried.last
    }
  }
}
