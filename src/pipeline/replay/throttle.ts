import type { Effects } from '../../core/effects.ts'

/** Keeps work to so many records a second; null: to none. */
export class Throttle {
  readonly #rate: number | null
  readonly #effects: Effects
  /** When all that passed is paid for, in milliseconds. */
  #paidAt: number

  constructor(rate: number | null, effects: Effects) {
    this.#rate = rate
    this.#effects = effects
    this.#paidAt = effects.now().getTime()
  }

  /** Records a batch: at most those of a second. */
  batchSize(most: number): number {
    return this.#rate === null ? most : Math.max(1, Math.min(most, this.#rate))
  }

  /** Waits until as many more may pass. Rejects with the signal's reason. */
  async pass(records: number, signal: AbortSignal): Promise<void> {
    if (this.#rate === null) return
    const now = this.#effects.now().getTime()
    this.#paidAt = Math.max(this.#paidAt, now - 1000) + (records * 1000) / this.#rate
    if (this.#paidAt > now) await this.#effects.sleep(this.#paidAt - now, signal)
  }
}
