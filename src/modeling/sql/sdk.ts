/** The parser behind one door: its offsets as ours, its oddities mended. */
import { Dialect, parse, tokenize } from '@polyglot-sql/sdk'
import { messageOf } from '../../core/errors.ts'
import { type AstNode, isNode } from './ast.ts'
import { characterOffsets } from './offsets.ts'
import type { Span } from './select.ts'

export interface Token extends Span {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** As in the file. */
  readonly text: string
  /** Words in lower case, quoted names without their quotes, else the text. */
  readonly name: string
  /** Whether the word means nothing to the parser. */
  readonly isPlain: boolean
}

export type Parsed =
  | { readonly ok: true; readonly tokens: readonly Token[]; readonly statements: readonly AstNode[] }
  | { readonly ok: false; readonly message: string; readonly offset: number }

/** Never throws. Spans inside the statements are the parser's: see `Offsets`. */
export function parseSql(sql: string, dialect: Dialect): Parsed {
  try {
    const toOffset = characterOffsets(sql)
    const tokenized = tokenize(sql, dialect)
    if (!tokenized.success || !tokenized.tokens) return failure(tokenized, toOffset)
    const tokens = tokenized.tokens.map((token) => ourToken(sql, token, toOffset))
    const parsed = parse(dialect === Dialect.DuckDB ? withoutDoubleSlash(sql, tokens) : sql, dialect)
    if (!parsed.success) return failure(parsed, toOffset)
    return { ok: true, tokens, statements: parsed.ast.filter(isNode) }
  } catch (error) {
    return { ok: false, message: messageOf(error), offset: 0 }
  }
}

function failure(
  { error, errorStart }: { error?: string | null; errorStart?: number },
  toOffset: (character: number) => number,
): Parsed {
  return { ok: false, message: error ?? 'unknown error', offset: toOffset(errorStart ?? 0) }
}

/** The parser lacks DuckDB's whole-number division, which reads the same tables as the ordinary one. */
function withoutDoubleSlash(sql: string, tokens: readonly Token[]): string {
  let masked = sql
  tokens.forEach(({ text, end }, index) => {
    const next = tokens[index + 1]
    if (text === '/' && next?.text === '/' && next.start === end)
      masked = `${masked.slice(0, end - 1)} ${masked.slice(end)}`
  })
  return masked
}

/** The declared `tokenType` is called `token_type` in fact. */
interface SdkToken {
  readonly token_type?: string
  readonly tokenType?: string
  readonly text: string
  readonly span: Span
}

function ourToken(sql: string, token: SdkToken, toOffset: (character: number) => number): Token {
  const start = toOffset(token.span.start)
  const end = toOffset(token.span.end)
  const text = sql.slice(start, end)
  const type = token.token_type ?? token.tokenType
  const kind = kindOf(type, text)
  const name = kind === 'quoted' ? token.text : kind === 'word' ? text.toLowerCase() : text
  return { start, end, kind, text, name, isPlain: kind === 'quoted' || (kind === 'word' && type === 'VAR') }
}

function kindOf(type: string | undefined, text: string): Token['kind'] {
  if (type === 'QUOTED_IDENTIFIER') return 'quoted'
  if (/^[\p{L}_][\p{L}\p{N}\p{M}_$]*$/u.test(text)) return 'word'
  if (type?.includes('STRING')) return 'string'
  return /^[.\d]*\d/.test(text) ? 'number' : 'symbol'
}
