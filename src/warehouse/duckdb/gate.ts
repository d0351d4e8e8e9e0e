import { AsyncLocalStorage } from 'node:async_hooks'

/** Lets work pass, but for the time something needs to be alone; what is inside then is waited for. */
export class Gate {
  /** Work inside may start more of it, also while others wait outside. */
  readonly #inside = new AsyncLocalStorage<{ passing: boolean }>()
  #passing = 0
  #closed: Promise<void> | undefined
  #onEmpty: (() => void) | undefined

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside.getStore()?.passing !== true) while (this.#closed) await this.#closed
    const place = { passing: true }
    this.#passing += 1
    try {
      return await this.#inside.run(place, work)
    } finally {
      place.passing = false
      this.#passing -= 1
      if (this.#passing === 0) this.#onEmpty?.()
    }
  }

  /** Runs work once nothing else is inside; all that comes meanwhile waits. Not to be called from inside. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#closed = promise
    try {
      if (this.#passing > 0) await new Promise<void>((empty) => (this.#onEmpty = empty))
      return await work()
    } finally {
      this.#onEmpty = undefined
      this.#closed = undefined
      resolve()
    }
  }
}
