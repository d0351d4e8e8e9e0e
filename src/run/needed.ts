import type { Graph, GraphNode } from '../modeling/index.ts'

/** The chosen nodes with everything they read that does not exist yet, in order. */
export function withMissingUpstream(
  graph: Graph,
  chosen: readonly GraphNode[],
  exists: (node: GraphNode) => boolean,
): readonly GraphNode[] {
  const ids = new Set<string>()
  const add = (node: GraphNode) => {
    if (ids.has(node.id)) return
    ids.add(node.id)
    for (const read of node.reads) {
      const upstream = graph.nodes.get(read)
      if (upstream && !exists(upstream)) add(upstream)
    }
  }
  chosen.forEach(add)
  return graph.order.filter(({ id }) => ids.has(id))
}
