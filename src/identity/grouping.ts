/**
 * Grouping: which identifiers are one profile. A pure function of the edges and the rules, whatever numbers the
 * identifiers have and in whatever order their edges are given.
 *
 * place       of an identifier, in the arrays of a graph
 * shared      a value that ties more profiles than a value may: none of its edges is followed
 * component   what hangs together by edges that are followed
 * group       what is one profile: a component, or a part of one that a limit keeps apart
 */

export interface Rules {
  /** By code of type: how many of it a group may hold. */
  readonly limits: readonly number[]
  /** By code of type: a value tied to more than so many groups' worth of another type is shared. */
  readonly sharedAbove: readonly number[]
}

export interface Graph {
  /** Code of each identifier's type, by place. */
  readonly types: Uint8Array
  /** Edges by the places of their ends; the same edge may be there several times. */
  readonly a: Int32Array
  readonly b: Int32Array
  /** Edges whose end lies beyond count for whether a value is shared, and tie nothing: places from here on are beyond. */
  readonly inside: number
  /** Places that somebody said name nobody. */
  readonly ignored: readonly number[]
  /** Pairs of places that somebody said are not one. */
  readonly apart: readonly (readonly [number, number])[]
}

export interface Shared {
  readonly place: number
  /** Code of the type that it is tied to too many of. */
  readonly type: number
  readonly ties: number
}

export interface Components {
  /** The first place of each place's component. */
  readonly roots: Int32Array
  readonly shared: readonly Shared[]
  /** By root: whether a limit, or what somebody said, keeps the component from being one group. */
  readonly broken: Uint8Array
}

/** What hangs together. Union-find over typed arrays: about 13 bytes an identifier and 8 an edge. */
export function componentsOf(graph: Graph, rules: Rules): Components {
  const { types, a, b, inside, ignored } = graph
  const shared = sharedPlaces(graph, rules)
  const isShared = new Uint8Array(types.length)
  for (const { place } of shared) isShared[place] = 1
  for (const place of ignored) isShared[place] = 1
  const parents = Int32Array.from({ length: inside }, (_, place) => place)
  for (let edge = 0; edge < a.length; edge++) {
    const from = a[edge] ?? 0
    const to = b[edge] ?? 0
    if (from >= inside || to >= inside || isShared[from] === 1 || isShared[to] === 1) continue
    unite(parents, from, to)
  }
  for (let place = 0; place < inside; place++) parents[place] = find(parents, place)
  return { roots: parents, shared, broken: brokenRoots(parents, graph, rules) }
}

function brokenRoots(roots: Int32Array, { types, apart }: Graph, { limits }: Rules): Uint8Array {
  const broken = new Uint8Array(roots.length)
  const counts = new Int32Array(roots.length)
  for (const [type, limit] of limits.entries()) {
    counts.fill(0)
    for (let place = 0; place < roots.length; place++) {
      if (types[place] !== type) continue
      const root = roots[place] ?? 0
      const count = (counts[root] ?? 0) + 1
      counts[root] = count
      if (count > limit) broken[root] = 1
    }
  }
  for (const [one, other] of apart) if (roots[one] === roots[other]) broken[roots[one] ?? 0] = 1
  return broken
}

/**
 * Values that tie too much: k identifiers of a type of which a profile has at most L are at least k / L profiles.
 * Their number is counted only where a value has edges enough for it.
 */
function sharedPlaces({ types, a, b }: Graph, { limits, sharedAbove }: Rules): readonly Shared[] {
  const least = sharedAbove.map((above) => above * Math.min(...limits))
  const degrees = degreesOf(types.length, a, b)
  // Where the neighbours of each suspect begin in one array; -1: no suspect.
  const starts = new Int32Array(types.length).fill(-1)
  let total = 0
  for (let place = 0; place < types.length; place++) {
    const degree = degrees[place] ?? 0
    if (degree <= (least[types[place] ?? 0] ?? Infinity)) continue
    starts[place] = total
    total += degree
  }
  if (total === 0) return []
  const neighbours = new Int32Array(total)
  const filled = new Int32Array(types.length)
  const note = (place: number, neighbour: number) => {
    const start = starts[place] ?? -1
    if (start < 0) return
    const count = filled[place] ?? 0
    neighbours[start + count] = neighbour
    filled[place] = count + 1
  }
  for (let edge = 0; edge < a.length; edge++) {
    note(a[edge] ?? 0, b[edge] ?? 0)
    note(b[edge] ?? 0, a[edge] ?? 0)
  }
  const shared: Shared[] = []
  for (let place = 0; place < types.length; place++) {
    const start = starts[place] ?? -1
    if (start < 0) continue
    const found = mostTied(neighbours.subarray(start, start + (degrees[place] ?? 0)), types, limits)
    if (found.worth > (sharedAbove[types[place] ?? 0] ?? Infinity)) shared.push({ place, ...found.tie })
  }
  return shared
}

function degreesOf(places: number, a: Int32Array, b: Int32Array): Int32Array {
  const degrees = new Int32Array(places)
  for (const ends of [a, b]) {
    for (let edge = 0; edge < ends.length; edge++) {
      const place = ends[edge] ?? 0
      degrees[place] = (degrees[place] ?? 0) + 1
    }
  }
  return degrees
}

/** The type of which the neighbours are worth the most profiles; neighbours are sorted where they are. */
function mostTied(neighbours: Int32Array, types: Uint8Array, limits: readonly number[]) {
  const ties = new Int32Array(limits.length)
  neighbours.sort()
  let before = -1
  for (const neighbour of neighbours) {
    if (neighbour === before) continue
    before = neighbour
    const type = types[neighbour] ?? 0
    ties[type] = (ties[type] ?? 0) + 1
  }
  let best = { worth: 0, tie: { type: 0, ties: 0 } }
  for (const [type, count] of ties.entries()) {
    const worth = count / (limits[type] ?? 1)
    if (worth > best.worth) best = { worth, tie: { type, ties: count } }
  }
  return best
}

export interface Part {
  readonly types: Uint8Array
  /** In canonical order. */
  readonly a: Int32Array
  readonly b: Int32Array
  readonly apart: readonly (readonly [number, number])[]
}

export interface Refusal {
  readonly a: number
  readonly b: number
  /** Code of the type whose limit it would break; undefined where somebody said the two are not one. */
  readonly type: number | undefined
}

export interface Limited {
  /** The first place of each place's group. */
  readonly roots: Int32Array
  readonly refused: readonly Refusal[]
}

/** The groups of broken components: edges are followed in their order, less those that would break a rule. */
export function groupWithin({ types, a, b, apart }: Part, { limits }: Rules): Limited {
  const width = limits.length
  const parents = Int32Array.from({ length: types.length }, (_, place) => place)
  const counts = new Int32Array(types.length * width)
  for (let place = 0; place < types.length; place++) counts[place * width + (types[place] ?? 0)] = 1
  const foes = new Foes(apart)
  const refused: Refusal[] = []
  for (let edge = 0; edge < a.length; edge++) {
    const from = find(parents, a[edge] ?? 0)
    const to = find(parents, b[edge] ?? 0)
    if (from === to) continue
    const over = limits.findIndex(
      (limit, type) => (counts[from * width + type] ?? 0) + (counts[to * width + type] ?? 0) > limit,
    )
    const areFoes = foes.have(from, to)
    if (over >= 0 || areFoes) {
      refused.push({ a: a[edge] ?? 0, b: b[edge] ?? 0, type: areFoes ? undefined : over })
      continue
    }
    const root = Math.min(from, to)
    const child = Math.max(from, to)
    parents[child] = root
    for (let type = 0; type < width; type++) {
      counts[root * width + type] = (counts[root * width + type] ?? 0) + (counts[child * width + type] ?? 0)
    }
    foes.unite(root, child)
  }
  for (let place = 0; place < parents.length; place++) parents[place] = find(parents, place)
  return { roots: parents, refused }
}

/** Which groups somebody said are not one, by their roots. */
class Foes {
  readonly #foes = new Map<number, Set<number>>()

  constructor(apart: Part['apart']) {
    for (const [one, other] of apart) {
      this.#of(one).add(other)
      this.#of(other).add(one)
    }
  }

  have(one: number, other: number): boolean {
    return this.#foes.get(one)?.has(other) ?? false
  }

  unite(root: number, child: number): void {
    const foes = this.#foes.get(child)
    if (!foes) return
    this.#foes.delete(child)
    for (const foe of foes) {
      this.#of(foe).delete(child)
      this.#of(foe).add(root)
      this.#of(root).add(foe)
    }
  }

  #of(place: number): Set<number> {
    const known = this.#foes.get(place)
    if (known) return known
    const foes = new Set<number>()
    this.#foes.set(place, foes)
    return foes
  }
}

/** The smaller place is the root, so that a root is the first of its group. */
function unite(parents: Int32Array, one: number, other: number): void {
  const from = find(parents, one)
  const to = find(parents, other)
  if (from < to) parents[to] = from
  else parents[from] = to
}

function find(parents: Int32Array, place: number): number {
  let root = place
  for (let parent = parents[root] ?? root; parent !== root; parent = parents[root] ?? root) root = parent
  let next = place
  while (next !== root) {
    const parent = parents[next] ?? root
    parents[next] = root
    next = parent
  }
  return root
}
