/**
 * Grouping a graph that the warehouse holds: components first, then, only in those that break a rule, edge by edge.
 */
import type { Session } from '../warehouse/warehouse.ts'
import { edgesSql, type GraphInput, Growing, type NumberedGraph, readGraph } from './graph.ts'
import { componentsOf, groupWithin, type Shared } from './grouping.ts'

/** An edge that is not followed, by the numbers of its ends. */
export interface RefusedEdge {
  readonly a: number
  readonly b: number
  /** Name of the type whose limit it would break; undefined where a decision keeps the two apart. */
  readonly type: string | undefined
}

export interface GroupedGraph {
  readonly graph: NumberedGraph
  /** The first place of each place's component, and of its group. */
  readonly components: Int32Array
  readonly groups: Int32Array
  readonly shared: readonly Shared[]
  readonly refused: readonly RefusedEdge[]
}

export async function groupGraph(session: Session, input: GraphInput): Promise<GroupedGraph> {
  const graph = await readGraph(session, input)
  const { rules } = input.types
  const { roots: components, shared, broken } = componentsOf(graph, rules)
  const groups = Int32Array.from(components)
  const places = new Growing()
  for (let place = 0; place < groups.length; place++) if (broken[components[place] ?? 0] === 1) places.push(place)
  const refused = places.length === 0 ? [] : await groupBroken(session, input, graph, places.values(), groups)
  return { graph, components, groups, shared, refused }
}

/** Groups what is at these places, edge by edge in canonical order, and puts the result into `groups`. */
async function groupBroken(
  session: Session,
  input: GraphInput,
  graph: NumberedGraph,
  places: Int32Array,
  groups: Int32Array,
): Promise<readonly RefusedEdge[]> {
  const { types } = input
  const local = new Int32Array(graph.inside).fill(-1)
  places.forEach((place, index) => {
    local[place] = index
  })
  const a = new Growing()
  const b = new Growing()
  const sql = await canonicalEdges(session, input, graph, places)
  for await (const [from, to] of session.integers(sql)) {
    for (const one of from ?? []) a.push(one)
    for (const other of to ?? []) b.push(other)
  }
  const apart = graph.apart
    .map(([one, other]) => [local[one] ?? -1, local[other] ?? -1] as const)
    .filter(([one, other]) => one >= 0 && other >= 0)
  const part = {
    types: Uint8Array.from(places, (place) => graph.types[place] ?? 0),
    a: a.values(),
    b: b.values(),
    apart,
  }
  const { roots, refused } = groupWithin(part, types.rules)
  for (let index = 0; index < places.length; index++) groups[places[index] ?? 0] = places[roots[index] ?? 0] ?? 0
  const identifier = (index: number) => graph.identifiers[places[index] ?? 0] ?? 0
  return refused.map(({ a, b, type }) => ({
    a: identifier(a),
    b: identifier(b),
    type: type === undefined ? undefined : types.nameOf(type),
  }))
}

/**
 * SQL of the edges between these places in canonical order: what was decided, then by the strength of their types, when
 * they were first seen, and their values; never by numbers, which tell of the order in which rows were read.
 */
async function canonicalEdges(
  session: Session,
  input: GraphInput,
  graph: NumberedGraph,
  places: Int32Array,
): Promise<string> {
  const { dialect, names, types } = input
  const identifier = places.map((place) => graph.identifiers[place] ?? 0)
  const place = places.map((_, index) => index)
  const { relation } = await session.stageIntegers({ identifier, place })
  const identifiers = names.table('identity', 'identifiers')
  const code = (alias: string) => types.code(dialect, `${alias}.type`)
  // Joined to the few places first: there may be many edges besides.
  return `select cast(e.place_a as integer) as a, cast(e.place_b as integer) as b from
      (select e.a, e.b, p.place as place_a, q.place as place_b, min(e.decided) as decided, min(e.first_seen) as first_seen
       from (${edgesSql(input)}) e join ${relation} p on p.identifier = e.a join ${relation} q on q.identifier = e.b
       group by 1, 2, 3, 4) e
    join ${identifiers} x on x.id = e.a join ${identifiers} y on y.id = e.b
    order by e.decided, ${code('x')}, ${code('y')}, e.first_seen nulls last, ${dialect.byBytes('x.value')}, ${dialect.byBytes('y.value')}`
}
