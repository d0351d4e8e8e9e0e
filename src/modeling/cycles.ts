import type { Problem } from '../core/problems.ts'
import { TRAIT_TABLES } from '../project/entity.ts'
import type { Place } from '../project/project.ts'
import type { GraphNode, ReadPlaces } from './graph.ts'

interface Ordered {
  /** Every node; after all it reads, where there is no cycle. */
  readonly order: readonly GraphNode[]
  /** One a cycle found. */
  readonly problems: readonly Problem[]
}

/** Orders nodes, given sorted by id, so that each follows what it reads. */
export function breakCycles(nodes: ReadonlyMap<string, GraphNode>, places: ReadonlyMap<string, ReadPlaces>): Ordered {
  const order: GraphNode[] = []
  const problems: Problem[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: GraphNode) => {
    if (done.has(node.id)) return
    const start = path.indexOf(node.id)
    if (start >= 0) {
      problems.push(...cycleProblem(path.slice(start), places))
      return
    }
    path.push(node.id)
    for (const id of node.reads.toSorted()) {
      const upstream = nodes.get(id)
      if (upstream) visit(upstream)
    }
    path.pop()
    done.add(node.id)
    order.push(node)
  }
  for (const node of nodes.values()) visit(node)
  return { order, problems }
}

/** Told where a file refers to the next node; where it goes through a table of traits, at the reference to that. */
function cycleProblem(cycle: readonly string[], places: ReadonlyMap<string, ReadPlaces>): readonly Problem[] {
  const traits = cycle.findIndex(isTraitTable)
  const first = traits < 0 ? 0 : (traits + cycle.length - 1) % cycle.length
  const path = [...cycle.slice(first), ...cycle.slice(0, first)]
  const [id = '', next = id] = path
  const place: Place | undefined = places.get(id)?.get(next)
  if (!place) return []
  const message = `${[...path, id].join(' → ')} is a cycle: none of them can be built first.`
  return [{ code: 'cycle', severity: 'error', ...place, message, hint: hintFor(path) }]
}

const isTraitTable = (id: string): boolean => Object.values(TRAIT_TABLES).some(({ table }) => table === id)

function hintFor(path: readonly string[]): string {
  const [, table] = path
  const traits = Object.values(TRAIT_TABLES).find((each) => each.table === table)
  if (traits) return `${table} is made from the models at ${traits.one} grain; read identity.${table} instead.`
  return path.length === 1 ? 'A model cannot read itself.' : 'Move what they share into a model of its own.'
}
