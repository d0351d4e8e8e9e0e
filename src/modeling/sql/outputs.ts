import { type AstNode, bodyOf, identifierOf, isNode, listOf, tagged } from './ast.ts'

/** The names of a statement's columns; nothing when a star or an unnamed expression is among them. */
export function outputsOf(statement: AstNode): readonly string[] | undefined {
  const node = tagged(statement)
  switch (node?.kind) {
    case 'select':
      return selected(node.body)
    case 'union':
    case 'intersect':
    case 'except':
      return node.body.by_name === true || !isNode(node.body.left) ? undefined : outputsOf(node.body.left)
    case 'subquery':
    case 'paren':
      return isNode(node.body.this) ? outputsOf(node.body.this) : undefined
    default:
      return undefined
  }
}

function selected(body: AstNode): readonly string[] | undefined {
  const names = listOf(body.expressions).map(outputName)
  return names.length > 0 && names.every((name) => name !== undefined) ? names : undefined
}

function outputName(expression: AstNode): string | undefined {
  const alias = bodyOf(expression, 'alias')
  if (alias) return identifierOf(alias.alias)?.name
  const dot = bodyOf(expression, 'dot')
  if (dot) return identifierOf(dot.field)?.name
  return identifierOf(bodyOf(expression, 'column')?.name)?.name
}
