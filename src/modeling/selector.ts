import { MusterError } from '../core/errors.ts'
import { nearest } from '../project/suggest.ts'
import type { Graph, GraphNode } from './graph.ts'

/**
 * The nodes that a selector's words choose, in the graph's order; all without a selector. A word is a name, an id or
 * `tag:x`; `+` before it adds all it reads, after it all that reads it. Throws `usage`.
 */
export function selectNodes(graph: Graph, selector?: string): readonly GraphNode[] {
  const words = (selector ?? '').split(/[\s,]+/).filter((word) => word !== '')
  if (words.length === 0) return graph.order
  const chosen = new Set(words.flatMap((word) => nodesFor(graph, word)))
  return graph.order.filter((node) => chosen.has(node))
}

function nodesFor(graph: Graph, word: string): readonly GraphNode[] {
  const [, before = '', term = '', after = ''] = /^(\+?)(.*?)(\+?)$/.exec(word) ?? []
  return named(graph, term).flatMap((node) => [
    node,
    ...(before ? graph.upstream(node.id) : []),
    ...(after ? graph.downstream(node.id) : []),
  ])
}

function named(graph: Graph, term: string): readonly GraphNode[] {
  const wanted = term.toLowerCase()
  if (wanted.startsWith('tag:')) return tagged(graph, term.slice('tag:'.length))
  const node = graph.nodes.get(wanted)
  if (node) return [node]
  const nodes = graph.order.filter(({ name }) => name.toLowerCase() === wanted)
  if (nodes.length === 1) return nodes
  const ids = nodes.map(({ id }) => id)
  if (ids.length > 1)
    throw new MusterError('usage', `"${term}" may mean ${ids.join(' or ')}.`, { hint: 'Write the one that is meant.' })
  const known = [...graph.nodes.values()].flatMap(({ id, name }) => [name, id])
  throw new MusterError('usage', `There is no model or audience "${term}".`, { hint: hintFor(term, known) })
}

function tagged(graph: Graph, tag: string): readonly GraphNode[] {
  const nodes = graph.order.filter(({ tags }) => tags.includes(tag))
  if (nodes.length > 0) return nodes
  const known = graph.order.flatMap(({ tags }) => tags)
  throw new MusterError('usage', `No model or audience has the tag "${tag}".`, { hint: hintFor(tag, known) })
}

function hintFor(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  if (near !== undefined) return `Did you mean "${near}"?`
  const all = [...new Set(known)]
  return all.length === 0
    ? 'There are none.'
    : `There are ${all.slice(0, 20).join(', ')}${all.length > 20 ? ' …' : ''}.`
}
