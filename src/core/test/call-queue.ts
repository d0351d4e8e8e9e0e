import { between, chance, type Random } from './seeded-random.ts'

interface Waiting {
  readonly owner: object
  readonly run: () => void
}

/** The longest that an owner's turn lasts on average, in calls. */
const MAX_TURN = 20

/**
 * Runs calls one by one, once all that the last one led to has happened. Each owner has a random rank, and the first of
 * those that wait gets its turn: one may get far while another stands still in the middle of something.
 */
export class CallQueue {
  readonly #random: Random
  readonly #turn: number
  readonly #waiting: Waiting[] = []
  readonly #resting: Waiting[] = []
  readonly #settling: Waiting[] = []
  readonly #ranks = new WeakMap<object, number>()
  readonly #holding = new Set<object>()
  #scheduled = false

  constructor(random: Random) {
    this.#random = random
    this.#turn = between(random, 1, MAX_TURN)
  }

  add(owner: object, run: () => void): void {
    this.#waiting.push({ owner, run })
    this.release(owner)
  }

  /** Runs once `wake` was called, or nothing else is left to run. */
  rest(owner: object, run: () => void): void {
    this.#resting.push({ owner, run })
    this.release(owner)
  }

  /** Runs once nothing else is left to run. */
  settle(owner: object, run: () => void): void {
    this.#settling.push({ owner, run })
    this.release(owner)
  }

  wake(): void {
    this.#waiting.push(...this.#resting.splice(0))
  }

  /** Nothing runs until the owner's next call: it works in other threads, whose speed must decide nothing. */
  hold(owner: object): void {
    this.#holding.add(owner)
  }

  release(owner: object): void {
    this.#holding.delete(owner)
    const left = this.#waiting.length + this.#resting.length + this.#settling.length
    if (this.#scheduled || left === 0 || this.#holding.size > 0) return
    this.#scheduled = true
    setImmediate(() => this.#runNext())
  }

  #runNext(): void {
    this.#scheduled = false
    if (this.#waiting.length === 0) this.wake()
    if (this.#waiting.length === 0) this.#waiting.push(...this.#settling.splice(0))
    const next = this.#waiting.reduce((first, other) => (this.#rank(other) < this.#rank(first) ? other : first))
    this.#waiting.splice(this.#waiting.indexOf(next), 1)
    if (chance(this.#random, 1 / this.#turn)) this.#ranks.delete(next.owner)
    next.run()
    this.release(this)
  }

  #rank({ owner }: Waiting): number {
    const rank = this.#ranks.get(owner) ?? this.#random()
    this.#ranks.set(owner, rank)
    return rank
  }
}
