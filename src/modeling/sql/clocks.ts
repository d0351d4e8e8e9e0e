import { Dialect } from '@polyglot-sql/sdk'
import type { Call } from './calls.ts'
import { BARE_CLOCKS, CLOCKS, type ClockKind } from './functions.ts'
import type { Token } from './sdk.ts'
import type { Clock } from './select.ts'
import { selectListItems } from './select-list.ts'

export interface ClockInput {
  readonly tokens: readonly Token[]
  readonly calls: readonly Call[]
  /** Where the tree has identifiers: a column may be called like a clock. */
  readonly identifiers: ReadonlySet<number>
  readonly dialect: Dialect
}

interface Found {
  readonly kind: ClockKind
  readonly first: number
  readonly last: number
}

export function clocksOf(input: ClockInput): readonly Clock[] {
  const { tokens, dialect } = input
  const items = selectListItems(tokens)
  return [...called(input), ...bare(input)]
    .sort((a, b) => a.first - b.first)
    .map(({ kind, first, last }) => {
      const span = { start: tokens[first]?.start ?? 0, end: tokens[last]?.end ?? 0 }
      const written = tokens.slice(first, last + 1)
      const output = items.get(first) === last ? outputName(written, dialect) : undefined
      return { ...span, kind, output, isOperand: ['.', '['].includes(tokens[last + 1]?.text ?? '') }
    })
}

/** A call of a clock takes nothing, or a precision. */
export function isClockCall({ name, args, at }: Call, tokens: readonly Token[]): boolean {
  return CLOCKS.has(name) && (args === 0 || (args === 1 && tokens[at + 2]?.kind === 'number'))
}

function called({ tokens, calls }: ClockInput): readonly Found[] {
  return calls.flatMap((call) => {
    const kind = CLOCKS.get(call.name)
    return kind && isClockCall(call, tokens) ? [{ kind, first: call.first, last: call.last }] : []
  })
}

function bare({ tokens, identifiers }: ClockInput): readonly Found[] {
  return tokens.flatMap(({ kind: token, name, start }, at) => {
    const kind = token === 'word' && BARE_CLOCKS.has(name) ? CLOCKS.get(name) : undefined
    const next = tokens[at + 1]?.text ?? ''
    const isName = identifiers.has(start) || tokens[at - 1]?.text === '.' || next === ':' || next === ':='
    return kind && !isName && next !== '(' ? [{ kind, first: at, last: at }] : []
  })
}

/** The name the engine gives the column, which a literal in its place would change with every run. */
function outputName(written: readonly Token[], dialect: Dialect): string {
  const name = written.findLast(({ kind }) => kind === 'word' || kind === 'quoted')?.text ?? ''
  if (dialect !== Dialect.DuckDB) return name.toLowerCase()
  return written.length === 1
    ? name
    : written.map(({ kind, name: text }) => (kind === 'symbol' ? text : text.toLowerCase())).join('')
}
