/** A token bucket: `events` at once, refilled evenly within `withinMs`. */
export class RateLimiter {
  readonly #events: number
  readonly #perMs: number
  #tokens: number
  #at = 0

  constructor({ events, withinMs }: { readonly events: number; readonly withinMs: number }) {
    this.#events = events
    this.#perMs = events / withinMs
    this.#tokens = events
  }

  /**
   * Takes `count` events if they may come now (milliseconds since 1970) and returns 0, else how many milliseconds to
   * wait. A batch larger than the whole bucket is taken when the bucket is full, and paid off afterwards.
   */
  take(count: number, now: number): number {
    this.#tokens = Math.min(this.#events, this.#tokens + Math.max(0, now - this.#at) * this.#perMs)
    this.#at = now
    const needed = Math.min(count, this.#events)
    if (this.#tokens >= needed) {
      this.#tokens -= count
      return 0
    }
    return (needed - this.#tokens) / this.#perMs
  }
}
