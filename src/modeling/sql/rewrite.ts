import { MusterError } from '../../core/errors.ts'
import { clockLiteral } from './clock-literal.ts'
import { dialectNamed, quoteIn } from './dialects.ts'
import type { Clock, ParsedSelect, Span, TableRef } from './select.ts'
import { transpileSelect } from './transpile.ts'

export interface RewriteOptions {
  /** What the clocks show. */
  readonly asOf: Date
  /** The dialect the text is written in, and the one it becomes. */
  readonly from: string
  readonly to: string
  /** IANA name; calendar days are cut in it. */
  readonly timezone: string
  /** A quoted name or a subquery in parentheses, in dialect `to`; nothing where the reference may stay. */
  readonly table: (ref: TableRef) => string | undefined
}

interface Edit extends Span {
  readonly text: string
}

/**
 * The SELECT with its clocks stopped and its tables replaced; everything else stays as it is written. The comment
 * before it and the semicolon go. Throws `sql_untranslatable` where it cannot be said in dialect `to`.
 */
export function rewriteSelect(sql: string, select: ParsedSelect, options: RewriteOptions): string {
  const { asOf, timezone, table } = options
  const from = dialectOf(options.from)
  const to = dialectOf(options.to)
  const clock = ({ kind }: Clock) => clockLiteral(kind, asOf, timezone)
  const edit = (literal: typeof clock, replacement: typeof table) =>
    edited(sql, select.body, [
      ...select.clocks.map((found) => clockEdit(found, literal(found), (name) => quoteIn(from, name))),
      ...select.tables.flatMap((ref) => tableEdits(ref, replacement(ref), (name) => quoteIn(from, name))),
    ])
  if (from === to) return edit(clock, table)
  return transpileSelect({ sql, from, to }, (stand) =>
    edit(
      (found) => stand(clock(found)),
      (ref) => {
        const replacement = table(ref)
        return replacement === undefined ? undefined : stand(replacement)
      },
    ),
  )
}

function dialectOf(name: string) {
  const dialect = dialectNamed(name)
  if (!dialect) throw new MusterError('sql_untranslatable', `There is no SQL dialect "${name}".`)
  return dialect
}

function clockEdit({ start, end, output, isOperand }: Clock, literal: string, quote: (name: string) => string): Edit {
  const text = isOperand ? `(${literal})` : literal
  return { start, end, text: output === undefined ? text : `${text} as ${quote(output)}` }
}

function tableEdits(ref: TableRef, replacement: string | undefined, quote: (name: string) => string): readonly Edit[] {
  if (replacement === undefined) return []
  const { start, end, alias, mentions } = ref
  if (alias === undefined) return [{ start, end, text: replacement }]
  const name = quote(alias)
  return [{ start, end, text: `${replacement} as ${name}` }, ...mentions.map((mention) => ({ ...mention, text: name }))]
}

function edited(sql: string, body: Span, edits: readonly Edit[]): string {
  let text = ''
  let at = body.start
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    text += sql.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return text + sql.slice(at, body.end)
}
