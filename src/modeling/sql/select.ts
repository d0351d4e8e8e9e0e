/**
 * A SELECT of a user's file, as far as Muster must know it.
 *
 * span     a stretch of the file's text, in UTF-16 offsets, the end exclusive
 * mention  a column's qualifier that must change with its table: `models.x` in `models.x.a`
 * clock    an expression that reads the time
 */
import type { ClockKind } from './functions.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

/** A table that the SELECT reads: not a CTE, not a subquery. The span is that of its qualified name. */
export interface TableRef extends Span {
  /** Lower-cased unless quoted in a dialect that minds. */
  readonly schema: string | undefined
  readonly name: string
  readonly line: number
  readonly column: number
  /** The name it must get when it is replaced, so that columns still find it; absent when it has an alias. */
  readonly alias: string | undefined
  readonly mentions: readonly Span[]
}

export interface Clock extends Span {
  readonly kind: ClockKind
  /** The name of the column that it is by itself; absent inside an expression or before an alias. */
  readonly output: string | undefined
  /** Whether something is called on it or taken from it, so that a literal in its place needs parentheses. */
  readonly isOperand: boolean
}

export interface ParsedSelect {
  /** From the first word to the last, without the leading comment, what follows the last word, and the semicolon. */
  readonly body: Span
  readonly tables: readonly TableRef[]
  readonly clocks: readonly Clock[]
  /** The names of its columns, when all can be told without the warehouse. */
  readonly outputs?: readonly string[]
}
