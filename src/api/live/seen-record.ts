import type { StoredRecord } from '../../log/index.ts'
import { type LiveEvent, liveEventOf } from './live-event.ts'

/** A record of a look, decoded once and only when somebody needs to know. */
export class SeenRecord {
  #record: StoredRecord
  #detached = false
  #event: LiveEvent | undefined

  constructor(record: StoredRecord) {
    this.#record = record
  }

  /** Throws `log_corrupt`. */
  get event(): LiveEvent {
    this.#event ??= liveEventOf(this.#record)
    return this.#event
  }

  /** For who keeps it: its bytes no longer hold on to all that were read with them. */
  detach(): void {
    if (this.#detached) return
    this.#record = { ...this.#record, payload: Buffer.from(this.#record.payload) }
    this.#detached = true
  }
}
