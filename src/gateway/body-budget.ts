import { TurnedAway } from './admission.ts'

const RETRY_AFTER_SECONDS = 2

/** The memory that bodies of all requests may take while they are read: beyond it clients wait, not the process grows. */
export class BodyBudget {
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** @throws TurnedAway `collector_busy` */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) {
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
