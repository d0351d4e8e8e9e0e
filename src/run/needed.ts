import type { Graph, GraphNode } from '../modeling/index.ts'
import { TRAIT_TABLES } from '../project/index.ts'

/** The chosen nodes with everything they read, or are sent with, that does not exist yet, in order. */
export function withMissingUpstream(
  graph: Graph,
  chosen: readonly GraphNode[],
  exists: (node: GraphNode) => boolean,
): readonly GraphNode[] {
  const ids = new Set<string>()
  const add = (node: GraphNode) => {
    if (ids.has(node.id)) return
    ids.add(node.id)
    for (const read of [...node.reads, ...sentWith(node)]) {
      const upstream = graph.nodes.get(read)
      if (upstream && !exists(upstream)) add(upstream)
    }
  }
  chosen.forEach(add)
  return graph.order.filter(({ id }) => ids.has(id))
}

/** The traits that a mapping may name. */
function sentWith(node: GraphNode): readonly string[] {
  switch (node.kind) {
    case 'model':
      return node.model.send.length > 0 ? [TRAIT_TABLES[node.model.grain ?? 'user'].table] : []
    case 'audience':
      return node.audience.send.length > 0 ? [TRAIT_TABLES[node.audience.entity].table] : []
    default:
      return []
  }
}
