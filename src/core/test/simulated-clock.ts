import type { Effects } from '../effects.ts'

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** Time that passes only when told to. */
export class SimulatedClock implements Pick<Effects, 'now' | 'sleep'> {
  #now: number
  #sleepers: readonly Sleeper[] = []

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start
  }

  readonly now = (): Date => new Date(this.#now)

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      this.#sleepers = [...this.#sleepers, { until: this.#now + ms, wake: resolve }]
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })

  /** Lets time pass, and wakes who slept until then. */
  pass(ms: number): void {
    this.#now += ms
    const awake = this.#sleepers.filter(({ until }) => until <= this.#now)
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now)
    for (const { wake } of awake) wake()
  }
}
