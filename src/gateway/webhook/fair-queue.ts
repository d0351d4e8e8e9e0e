interface Line<T> {
  readonly items: { readonly item: T; readonly weight: number }[]
  weight: number
}

/** A queue in which each owner waits in its own line, and the lines take turns: who has much to do holds up nobody. */
export class FairQueue<T> {
  readonly #maxWeight: number
  /** In the order of their turns; none is empty. */
  readonly #lines = new Map<string, Line<T>>()

  /** `maxWeight`: of one owner's line. */
  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight
  }

  /** Whether there was room in the owner's line; one item always has room. */
  add(owner: string, item: T, weight: number): boolean {
    const line = this.#lines.get(owner) ?? { items: [], weight: 0 }
    if (line.items.length > 0 && line.weight + weight > this.#maxWeight) return false
    line.items.push({ item, weight })
    line.weight += weight
    this.#lines.set(owner, line)
    return true
  }

  take(): T | undefined {
    const [first] = this.#lines
    if (first === undefined) return undefined
    const [owner, line] = first
    const next = line.items.shift()
    line.weight -= next?.weight ?? 0
    this.#lines.delete(owner)
    if (line.items.length > 0) this.#lines.set(owner, line)
    return next?.item
  }
}
