/**
 * Grouping: which identifiers are one person. A pure function of the edges, given in canonical order.
 */

export interface Edge {
  readonly a: number
  readonly b: number
}

export interface GroupingInput {
  /** Identifier numbers, ascending. */
  readonly nodes: Uint32Array
  /** Pairs of identifier numbers, a at even places and b at odd ones, in canonical order. */
  readonly edges: Uint32Array
  /** Identifiers of which a group may hold one only (user ids). */
  readonly singular: ReadonlySet<number>
}

export interface Grouping {
  /** For each node, the smallest identifier number of its group; same places as `nodes`. */
  readonly groups: Uint32Array
  /** Edges whose union would have put two singular identifiers in one group. */
  readonly refused: readonly Edge[]
}

/** Union-find over typed arrays: 16 bytes an identifier. */
export function group({ nodes, edges, singular }: GroupingInput): Grouping {
  // Place + 1 by identifier, 0 where the identifier is not among the nodes.
  const places = new Uint32Array((nodes.at(-1) ?? 0) + 1)
  for (let place = 0; place < nodes.length; place++) places[nodes[place] ?? 0] = place + 1
  const parents = Uint32Array.from(nodes, (_, place) => place)
  const owners = new Uint32Array(nodes.length)
  for (let place = 0; place < nodes.length; place++) {
    const id = nodes[place] ?? 0
    if (singular.has(id)) owners[place] = id
  }
  const refused: Edge[] = []
  for (let i = 0; i < edges.length; i += 2) {
    const a = edges[i] ?? 0
    const b = edges[i + 1] ?? 0
    const left = places[a] ?? 0
    const right = places[b] ?? 0
    if (left === 0 || right === 0) continue
    const rootA = find(parents, left - 1)
    const rootB = find(parents, right - 1)
    if (rootA === rootB) continue
    const ownerA = owners[rootA] ?? 0
    const ownerB = owners[rootB] ?? 0
    if (ownerA !== 0 && ownerB !== 0) {
      refused.push({ a, b })
      continue
    }
    // The smaller place is the root, so that a group's root is its smallest identifier.
    const root = Math.min(rootA, rootB)
    const child = Math.max(rootA, rootB)
    parents[child] = root
    owners[root] = ownerA || ownerB
  }
  return { groups: Uint32Array.from(parents, (_, place) => nodes[find(parents, place)] ?? 0), refused }
}

function find(parents: Uint32Array, place: number): number {
  let root = place
  while ((parents[root] ?? root) !== root) root = parents[root] ?? root
  let next = place
  while (next !== root) {
    const parent = parents[next] ?? root
    parents[next] = root
    next = parent
  }
  return root
}
