import { MusterError } from '../core/errors.ts'
import type { QueryOptions } from './warehouse.ts'

/** Engines forget an interrupt that comes before the statement has begun: it is repeated until the statement ends. */
const REPEAT_MS = 25

/** What ends a statement before its time: the caller's signal or its time limit, counted from the call. */
export class Stop {
  readonly #signal: AbortSignal | undefined
  readonly #timeout: AbortSignal | undefined
  readonly #timeoutMs: number | undefined
  readonly #either: AbortSignal | undefined

  constructor({ signal, timeoutMs }: QueryOptions) {
    this.#signal = signal
    this.#timeoutMs = timeoutMs
    this.#timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
    const stops = [signal, this.#timeout].filter((stop) => stop !== undefined)
    this.#either = stops.length === 0 ? undefined : AbortSignal.any(stops)
  }

  /** Throws the signal's reason or `query_timeout` once stopped. */
  throwIfStopped(): void {
    if (this.#signal?.aborted) throw this.#signal.reason
    if (!this.#timeout?.aborted) return
    throw new MusterError('query_timeout', `The query was not done after ${this.#timeoutMs} ms and was cancelled.`)
  }

  /** Runs work, calling `interrupt` over and over from the moment it is to stop until it ends. */
  async during<T>(work: () => Promise<T>, interrupt: () => void): Promise<T> {
    this.throwIfStopped()
    let repeating: NodeJS.Timeout | undefined
    const begin = () => {
      interrupt()
      repeating = setInterval(interrupt, REPEAT_MS)
    }
    this.#either?.addEventListener('abort', begin)
    try {
      return await work()
    } finally {
      this.#either?.removeEventListener('abort', begin)
      clearInterval(repeating)
    }
  }
}
