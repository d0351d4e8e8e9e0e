/** A seeded stream of numbers in [0, 1). The same seed gives the same numbers on every machine. */
export type Random = () => number

/** The mulberry32 generator: 32 bits of state, integer arithmetic only. */
export function mulberry32(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One 32-bit seed out of several numbers, so that each thing draws from a stream of its own. */
export function mix(...parts: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const part of parts) {
    for (const word of [part | 0, Math.floor(part / 4_294_967_296) | 0]) {
      hash = Math.imul(hash ^ word, 0x85ebca6b)
      hash ^= hash >>> 13
      hash = Math.imul(hash, 0xc2b2ae35)
      hash ^= hash >>> 16
    }
  }
  return hash >>> 0
}

/** A whole number between both bounds, which are included. */
export function integer(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low)
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}

/** One item by its weight; weights need not add up to anything. */
export function weighted<T>(random: Random, items: readonly (readonly [item: T, weight: number])[]): T {
  let left = random() * items.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [item, weight] of items) {
    left -= weight
    if (left < 0) return item
  }
  const last = items.at(-1)
  if (last === undefined) throw new RangeError('nothing to pick from')
  return last[0]
}

/** Text of the form of a UUID v4. */
export function uuid(random: Random): string {
  const word = () => Math.floor(random() * 4_294_967_296)
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0')
  const [a, b, c, d] = [
    hex(word()),
    hex((word() & 0xffff0fff) | 0x4000),
    hex((word() & 0x3fffffff) | 0x80000000),
    hex(word()),
  ]
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`
}

/** The same items in another order. */
export function shuffled<T>(random: Random, items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
