/**
 * The graph of definitions: what must be built before what.
 *
 * node      a model, an audience, or a trait table: `profiles` and `accounts`, which Muster builds from every model at
 *           their grain; `accounts` only where the project has accounts to do with
 * reads     what a node's SQL refers to by name, nodes and other tables alike
 * selector  words that choose nodes: `at_risk`, `+models.value`, `orders+`, `tag:daily`
 */
import type { Problem } from '../core/problems.ts'
import { type Entity, TRAIT_TABLES } from '../project/entity.ts'
import type { Audience, Model, Place, Project } from '../project/project.ts'
import { breakCycles } from './cycles.ts'
import { referenceResolver } from './references.ts'
import type { ParsedSelect } from './sql/index.ts'

export { selectNodes } from './selector.ts'

interface NodeBase {
  /** `models.user_value`, `audiences.at_risk`, `profiles`, `accounts`. */
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  /** Each once, as `schema.table`, or `profiles` or `accounts`; a stitched source table stands with the source table itself. */
  readonly reads: readonly string[]
}

export type GraphNode =
  | (NodeBase & { readonly kind: 'model'; readonly model: Model })
  | (NodeBase & { readonly kind: 'audience'; readonly audience: Audience })
  | (NodeBase & { readonly kind: TraitTable; readonly entity: Entity })

type TraitTable = (typeof TRAIT_TABLES)[Entity]['table']

export interface Graph {
  /** By id. */
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** Every node after all it reads; the same project always gives the same order. */
  readonly order: readonly GraphNode[]
  /** Everything the node reads, and all that those read, in order; without itself. */
  readonly upstream: (id: string) => readonly GraphNode[]
  /** Everything that reads the node, directly or not, in order; without itself. */
  readonly downstream: (id: string) => readonly GraphNode[]
}

export interface GraphInput {
  readonly project: Pick<Project, 'models' | 'audiences' | 'sources' | 'sourceTables' | 'prefix'>
  /** By definition id. A definition without one has problems of its own: it has no node, and may be referred to. */
  readonly selects: ReadonlyMap<string, ParsedSelect>
  /** Every table that exists, as `schema.table`; absent when the warehouse is not open. */
  readonly tables?: ReadonlySet<string>
}

export interface GraphResult {
  readonly graph: Graph
  readonly problems: readonly Problem[]
}

/** What a node's SQL says where: id of what it reads → the place of the first reference. */
export type ReadPlaces = ReadonlyMap<string, Place>

export function buildGraph({ project, selects, tables }: GraphInput): GraphResult {
  const resolve = referenceResolver({ project, tables })
  const problems: Problem[] = []
  const nodes = new Map<string, GraphNode>()
  const places = new Map<string, ReadPlaces>()
  const read = (definition: Model | Audience): readonly string[] | undefined => {
    const select = selects.get(definition.id)
    if (!select) return undefined
    const resolved = resolve(definition, select)
    problems.push(...resolved.problems)
    places.set(definition.id, resolved.places)
    return resolved.reads
  }
  for (const model of project.models) {
    const reads = read(model)
    const { id, name, tags } = model
    if (reads) nodes.set(id, { kind: 'model', id, name, tags, reads, model })
  }
  for (const audience of project.audiences) {
    const reads = read(audience)
    const { id, name, tags } = audience
    if (reads) nodes.set(id, { kind: 'audience', id, name, tags, reads, audience })
  }
  nodes.set('profiles', traitNode('user', project.models))
  if (hasAccounts(project, nodes)) nodes.set('accounts', traitNode('account', project.models))
  const sorted = new Map([...nodes].sort(([a], [b]) => (a < b ? -1 : 1)))
  const { order, problems: cycles } = breakCycles(sorted, places)
  return { graph: graphOf(sorted, order), problems: [...problems, ...cycles] }
}

function traitNode(entity: Entity, models: readonly Model[]): GraphNode {
  const { table } = TRAIT_TABLES[entity]
  const traits = models.filter(({ grain }) => grain === entity).map(({ id }) => id)
  return { kind: table, entity, id: table, name: table, tags: [], reads: [`identity.${table}`, ...traits.sort()] }
}

/** Most projects have none: a table `accounts` of theirs would be in nobody's way. */
function hasAccounts({ models, audiences }: GraphInput['project'], nodes: ReadonlyMap<string, GraphNode>): boolean {
  return (
    models.some(({ grain }) => grain === 'account') ||
    audiences.some(({ entity }) => entity === 'account') ||
    [...nodes.values()].some(({ reads }) => reads.includes('accounts'))
  )
}

function graphOf(nodes: ReadonlyMap<string, GraphNode>, order: readonly GraphNode[]): Graph {
  const readers = new Map<string, string[]>()
  for (const { id, reads } of order) {
    for (const name of reads) readers.set(name, [...(readers.get(name) ?? []), id])
  }
  const reachable = (id: string, next: (id: string) => readonly string[]): readonly GraphNode[] => {
    const seen = new Set<string>()
    const waiting = [...next(id)]
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (seen.has(name)) continue
      seen.add(name)
      waiting.push(...next(name))
    }
    return order.filter((node) => node.id !== id && seen.has(node.id))
  }
  return {
    nodes,
    order,
    upstream: (id) => reachable(id, (name) => nodes.get(name)?.reads ?? []),
    downstream: (id) => reachable(id, (name) => readers.get(name) ?? []),
  }
}
