import { type AstNode, identifierOf, isNode, listOf, type Tagged, tagged } from './ast.ts'

/** What stands after FROM or JOIN: a table, a subquery, a function … */
export interface Relation extends Tagged {
  readonly alias: string | undefined
}

/** The relations of a SELECT, without the parentheses, pivots and joins around them. */
export function relationsOf(select: AstNode): readonly Relation[] {
  const from = isNode(select.from) ? listOf(select.from.expressions) : []
  return [...from, ...joinedBy(select)].flatMap((node) => unwrapped(node))
}

function joinedBy(node: AstNode): readonly AstNode[] {
  return listOf(node.joins)
    .map((join) => join.this)
    .filter(isNode)
}

function unwrapped(node: AstNode, outer?: string): readonly Relation[] {
  const relation = tagged(node)
  if (!relation) return []
  const { kind, body } = relation
  const alias = outer ?? aliasOf(body)
  const inner = isNode(body.this) ? body.this : undefined
  switch (kind) {
    case 'alias':
    case 'lateral':
      return inner ? unwrapped(inner, alias) : []
    case 'paren':
    case 'pivot':
    case 'unpivot':
      return inner ? unwrapped(inner) : []
    case 'joined_table':
      return [body.left, ...joinedBy(body)].filter(isNode).flatMap((part) => unwrapped(part))
    default:
      return [{ kind, body, alias }]
  }
}

function aliasOf(body: AstNode): string | undefined {
  return typeof body.alias === 'string' ? body.alias : identifierOf(body.alias)?.name
}
