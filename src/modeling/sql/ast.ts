/** Reading the parser's tree: JSON in which a node is an object of one key, its kind. */
import type { Span } from './select.ts'

export type AstNode = Readonly<Record<string, unknown>>

export interface Tagged {
  readonly kind: string
  readonly body: AstNode
}

export interface Identifier {
  readonly name: string
  readonly isQuoted: boolean
  /** In the parser's characters. */
  readonly span: Span
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function listOf(value: unknown): readonly AstNode[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The node's kind and body, if it is one. */
export function tagged(value: unknown): Tagged | undefined {
  if (!isNode(value)) return undefined
  const [entry, ...more] = Object.entries(value)
  if (!entry || more.length > 0 || !isNode(entry[1])) return undefined
  return { kind: entry[0], body: entry[1] }
}

export function bodyOf(value: unknown, kind: string): AstNode | undefined {
  const node = tagged(value)
  return node?.kind === kind ? node.body : undefined
}

export function identifierOf(value: unknown): Identifier | undefined {
  if (!isNode(value) || typeof value.name !== 'string') return undefined
  const span = spanOf(value)
  return span && { name: value.name, isQuoted: value.quoted === true, span }
}

export function spanOf(value: AstNode): Span | undefined {
  const { span } = value
  if (!isNode(span) || typeof span.start !== 'number' || typeof span.end !== 'number') return undefined
  return { start: span.start, end: span.end }
}

/** Every object of the tree, parents first. */
export function* nodesOf(value: unknown): Generator<AstNode> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item)
  } else if (isNode(value)) {
    yield value
    for (const item of Object.values(value)) yield* nodesOf(item)
  }
}

/** The first place inside the node that the parser tells. */
export function firstSpan(value: unknown): Span | undefined {
  let first: Span | undefined
  for (const node of nodesOf(value)) {
    const span = spanOf(node)
    if (span && (!first || span.start < first.start)) first = span
  }
  return first
}
