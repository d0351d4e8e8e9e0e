import { MusterError } from '../core/errors.ts'
import type { Waiting } from '../warehouse/held-rows.ts'
import type { EventLoader } from '../warehouse/load-events.ts'

/** The rows tried at once. */
const AT_ONCE = 10_000
/** A table that refused so often and took nothing is still broken; one that took something has some rows it cannot take. */
const MOST_REFUSALS = 20
const MOST_REFUSALS_OF_SOME = 200

/** One try to land what is held of a table: whole where it takes all, else in halves, to find the rows that it refuses. */
export class Mending {
  readonly #loader: EventLoader
  readonly #release: (waiting: Waiting) => Promise<void>
  #landed = 0
  #refusals = 0

  constructor(loader: EventLoader, release: (waiting: Waiting) => Promise<void>) {
    this.#loader = loader
    this.#release = release
  }

  /** Gives how many rows landed. */
  async of(table: string, signal: AbortSignal): Promise<number> {
    let after = 0
    while (!signal.aborted && !this.#gaveUp()) {
      const waiting = await this.#loader.waiting(table, after, AT_ONCE)
      if (!waiting) break
      await this.#try(waiting, signal)
      after = waiting.last
    }
    return this.#landed
  }

  async #try(waiting: Waiting, signal: AbortSignal): Promise<void> {
    try {
      await this.#release(waiting)
      this.#landed += waiting.rows
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== 'table_refused') throw error
      this.#refusals += 1
      if (waiting.rows === 1) return
      const half = Math.ceil(waiting.rows / 2)
      let after = waiting.first - 1
      for (const limit of [half, waiting.rows - half]) {
        if (signal.aborted || this.#gaveUp()) return
        const part = await this.#loader.waiting(waiting.name, after, limit)
        if (!part) return
        await this.#try(part, signal)
        after = part.last
      }
    }
  }

  #gaveUp(): boolean {
    return this.#refusals >= (this.#landed === 0 ? MOST_REFUSALS : MOST_REFUSALS_OF_SOME)
  }
}
