/** Function calls, which the parser's tree names but does not place: found among the tokens. */
import { type AstNode, identifierOf, nodesOf, spanOf } from './ast.ts'
import type { Token } from './sdk.ts'
import type { Span } from './select.ts'

/** The span goes from the first qualifier to the closing parenthesis. */
export interface Call extends Span {
  readonly name: string
  /** Index of the name among the tokens. */
  readonly at: number
  /** Index of the first token of the span, and of its last. */
  readonly first: number
  readonly last: number
  readonly args: number
  /** Whether a name stands before it with a dot: `main.now()`, `text.upper()`. */
  readonly isQualified: boolean
}

/** Where the tree has identifiers: names of columns, tables, aliases, in our offsets. */
export function identifierStarts(statement: AstNode, toOffset: (character: number) => number): ReadonlySet<number> {
  const starts = new Set<number>()
  const methods = new Set<unknown>()
  for (const node of nodesOf(statement)) {
    if (node.method !== undefined) methods.add(node.method)
    const span = spanOf(node)
    if (span && !methods.has(node)) starts.add(toOffset(span.start))
    const nested = identifierOf(node.name)
    if (nested && !methods.has(node)) starts.add(toOffset(nested.span.start))
  }
  return starts
}

export function callsOf(tokens: readonly Token[], identifiers: ReadonlySet<number>): readonly Call[] {
  return tokens.flatMap((token, at) => {
    const isName = token.kind === 'word' || token.kind === 'quoted'
    if (!isName || tokens[at + 1]?.text !== '(' || identifiers.has(token.start)) return []
    return [callAt(tokens, at)]
  })
}

function callAt(tokens: readonly Token[], at: number): Call {
  let first = at
  while (tokens[first - 1]?.text === '.' && isName(tokens[first - 2])) first -= 2
  const { last, args } = argumentsAfter(tokens, at + 1)
  return {
    name: tokens[at]?.name.toLowerCase() ?? '',
    at,
    first,
    last,
    args,
    isQualified: tokens[at - 1]?.text === '.',
    start: tokens[first]?.start ?? 0,
    end: tokens[last]?.end ?? 0,
  }
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted'
}

function argumentsAfter(tokens: readonly Token[], open: number): { readonly last: number; readonly args: number } {
  let depth = 0
  let commas = 0
  for (let index = open; index < tokens.length; index++) {
    const text = tokens[index]?.text
    if (text === '(' || text === '[' || text === '{') depth++
    if (text === ')' || text === ']' || text === '}') depth--
    if (text === ',' && depth === 1) commas++
    if (depth === 0) return { last: index, args: index === open + 1 ? 0 : commas + 1 }
  }
  return { last: tokens.length - 1, args: commas + 1 }
}
