import { TurnedAway } from './admission.ts'

const RETRY_AFTER_SECONDS = 2

/** A body's beginning of so many bytes may use what large bodies leave free. */
const SMALL_BYTES = 64 * 1024
/** Large bodies share so much of the memory: stalled ones must not keep small ones out. */
const LARGE_SHARE = 0.75

/** The memory that bodies of all requests may take while they are read: beyond it clients wait, not the process grows. */
export class BodyBudget {
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * Takes `bytes` more for a body that has taken `held` already.
   * @throws TurnedAway `collector_busy`
   */
  take(bytes: number, held = 0): void {
    const max = held + bytes <= SMALL_BYTES ? this.#maxBytes : LARGE_SHARE * this.#maxBytes
    if (this.#bytes + bytes > max) {
      throw new TurnedAway(
        'collector_busy',
        `bodies of ${this.#bytes} bytes are being read already`,
        RETRY_AFTER_SECONDS,
      )
    }
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }
}
