/**
 * The identity graph as typed arrays: what stitching reads of the warehouse, whole or only where something changed.
 *
 * region   the identifiers that are grouped anew: all, or those of the components that something touched
 */
import type { Dialect } from '../warehouse/dialect.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { Graph } from './grouping.ts'
import type { IdentifierTypes } from './identifier-types.ts'

export interface GraphInput {
  readonly dialect: Dialect
  readonly names: Names
  readonly types: IdentifierTypes
  /** Nothing seen first after this is in the graph. */
  readonly asOf: Date
  /** SQL of the identifiers of the region: one column, `identifier`. Absent: all. */
  readonly region: string | undefined
  /** A decision that is not made yet. */
  readonly proposed?: { readonly action: string; readonly identifiers: readonly number[] }
}

export interface NumberedGraph extends Graph {
  /** Identifier by place: those inside in ascending order, then those beyond. */
  readonly identifiers: Int32Array
  /** Place of an identifier; undefined where it is not in the graph. */
  readonly placeOf: (identifier: number) => number | undefined
}

export async function readGraph(session: Session, input: GraphInput): Promise<NumberedGraph> {
  const { names, region, proposed } = input
  const edges = followed(input)
  const nodes = new Nodes()
  await nodes.read(session.integers(nodesSql(input)))
  const inside = nodes.count
  if (region !== undefined) await nodes.read(session.integers(beyondSql(input, edges)))
  const a = new Growing()
  const b = new Growing()
  for await (const [from = NONE, to = NONE] of session.integers(edges)) {
    for (let row = 0; row < from.length; row++) {
      const one = nodes.placeOf(from[row] ?? 0)
      const other = nodes.placeOf(to[row] ?? 0)
      if (one === undefined || other === undefined) continue
      a.push(one)
      b.push(other)
    }
  }
  const made = await session.query<{ action: string; a: number; b: number | null }>(
    `select action, a, b from ${names.table('identity', 'decisions')} where action <> 'join'`,
  )
  const [first = 0, second = null] = proposed?.identifiers ?? []
  const decisions = proposed ? [...made, { action: proposed.action, a: first, b: second }] : made
  const within = (identifier: number | null) => {
    const place = identifier === null ? undefined : nodes.placeOf(identifier)
    return place !== undefined && place < inside ? place : undefined
  }
  return {
    identifiers: nodes.identifiers.values(),
    types: Uint8Array.from(nodes.types.values()),
    inside,
    placeOf: (identifier) => nodes.placeOf(identifier),
    a: a.values(),
    b: b.values(),
    ignored: decisions.flatMap(({ action, a }) => (action === 'ignore' ? (nodes.placeOf(a) ?? []) : [])),
    apart: decisions.flatMap(({ action, a, b }) => {
      const [one, other] = [within(a), within(b)]
      return action === 'separate' && one !== undefined && other !== undefined ? [[one, other] as const] : []
    }),
  }
}

const NONE = new Int32Array()

/** SQL of every edge that was seen by then, and of what was decided: columns a, b, decided, first_seen. */
export function edgesSql({ dialect, names, asOf, proposed }: Omit<GraphInput, 'region' | 'types'>): string {
  const at = dialect.timestamp(asOf)
  const [a, b] = proposed?.action === 'join' ? proposed.identifiers : []
  const joined =
    a === undefined || b === undefined
      ? ''
      : ` union all select ${a} as a, ${b} as b, 0 as decided, cast(null as timestamptz) as first_seen`
  return `select a, b, 1 as decided, first_seen from ${names.table('identity', 'edges')} where first_seen is null or first_seen <= ${at}
    union all select a, b, 0 as decided, cast(null as timestamptz) as first_seen from ${names.table('identity', 'decisions')} where action = 'join'${joined}`
}

/** Edges that have an end in the region, as numbers. */
function followed(input: GraphInput): string {
  const pairs = `select cast(a as integer) as a, cast(b as integer) as b from (${edgesSql(input)}) e`
  const { region } = input
  if (region === undefined) return pairs
  return `${pairs} where a in (${region}) union all ${pairs} where b in (${region}) and a not in (${region})`
}

/** Identifiers in play: those that some row names. */
function nodesSql({ dialect, names, types, asOf, region }: GraphInput): string {
  const within = region === undefined ? '' : ` and s.identifier in (${region})`
  return `select cast(i.id as integer) as id, ${types.code(dialect, 'i.type')} as type from ${names.table('identity', 'identifiers')} i
    where i.id in (select s.identifier from ${names.table('identity', 'sightings')} s
      where (s.first_seen is null or s.first_seen <= ${dialect.timestamp(asOf)})${within}) order by i.id`
}

function beyondSql({ dialect, names, types, region }: GraphInput, edges: string): string {
  return `select cast(i.id as integer) as id, ${types.code(dialect, 'i.type')} as type from ${names.table('identity', 'identifiers')} i
    where i.id in (select a from (${edges}) x union select b from (${edges}) y) and i.id not in (${region}) order by i.id`
}

class Nodes {
  readonly identifiers = new Growing()
  readonly types = new Growing()
  #places = new Int32Array(1024)

  get count(): number {
    return this.identifiers.length
  }

  async read(batches: AsyncIterable<readonly Int32Array[]>): Promise<void> {
    for await (const [ids = NONE, types = NONE] of batches) {
      for (let row = 0; row < ids.length; row++) {
        const id = ids[row] ?? 0
        if (id >= this.#places.length) this.#grow(id)
        this.#places[id] = this.identifiers.length + 1
        this.identifiers.push(id)
        this.types.push(types[row] ?? 0)
      }
    }
  }

  placeOf(identifier: number): number | undefined {
    const place = this.#places[identifier] ?? 0
    return place === 0 ? undefined : place - 1
  }

  #grow(id: number): void {
    const places = new Int32Array(Math.max(id + 1, this.#places.length * 2))
    places.set(this.#places)
    this.#places = places
  }
}

/** A typed array that grows. */
export class Growing {
  length = 0
  #values = new Int32Array(1024)

  push(value: number): void {
    if (this.length === this.#values.length) {
      const values = new Int32Array(this.length * 2)
      values.set(this.#values)
      this.#values = values
    }
    this.#values[this.length++] = value
  }

  values(): Int32Array {
    return this.#values.subarray(0, this.length)
  }
}
