import type { Dialect } from '@polyglot-sql/sdk'
import type { Problem } from '../../core/problems.ts'
import { type LineIndex, lineIndex } from '../../project/line-index.ts'
import { callsOf, identifierStarts } from './calls.ts'
import { type Finding, findingsOf, isQuery } from './checks.ts'
import { clocksOf } from './clocks.ts'
import { dialectNamed, dialectNames } from './dialects.ts'
import { characterOffsets } from './offsets.ts'
import { outputsOf } from './outputs.ts'
import type { FoundTable } from './scopes.ts'
import { parseSql, type Token } from './sdk.ts'
import type { ParsedSelect, Span, TableRef } from './select.ts'
import { syntaxFinding } from './syntax.ts'
import { tablesOf } from './tables.ts'

export interface ParseOptions {
  /** Relative to the project, for the places of problems. */
  readonly file: string
  /** Such as `duckdb`, `postgres`, `snowflake`. */
  readonly dialect: string
}

export interface ParseResult {
  /** Absent when there are problems: each is an error. */
  readonly select: ParsedSelect | undefined
  readonly problems: readonly Problem[]
}

type Reading = { readonly select: ParsedSelect } | { readonly findings: readonly Finding[] }

/** Reads the text of a model or audience, its leading comment included. Never throws. */
export function parseSelect(sql: string, { file, dialect }: ParseOptions): ParseResult {
  const lines = lineIndex(sql, file)
  const reading = read(sql, dialect, lines)
  if ('select' in reading) return { select: reading.select, problems: [] }
  const problems = reading.findings.map(({ code, offset, message, hint }): Problem => {
    return { code, severity: 'error', ...lines.placeAt(offset), message, hint }
  })
  return { select: undefined, problems }
}

function read(sql: string, dialectName: string, lines: LineIndex): Reading {
  const dialect = dialectNamed(dialectName)
  if (!dialect) {
    const hint = `Dialects are ${dialectNames.join(', ')}.`
    return refused('unknown_dialect', 0, `There is no SQL dialect "${dialectName}".`, hint)
  }
  const parsed = parseSql(sql, dialect)
  if (!parsed.ok) return { findings: [syntaxFinding(sql, parsed)] }
  const { tokens, statements } = parsed
  const first = tokens.find(({ text }) => text !== ';')
  const [statement] = statements
  if (!first || !statement)
    return refused('sql_not_select', 0, 'The file holds no SELECT.', 'Write a SELECT below the comment.')
  const end = tokens.findIndex(({ text, start }) => text === ';' && start > first.start)
  const second = end < 0 ? undefined : tokens.slice(end).find(({ text }) => text !== ';')
  if (second) {
    const hint = 'Keep the SELECT and put the others into files of their own; steps of one SELECT go into WITH.'
    return refused('sql_several', second.start, `A second statement begins with ${second.text}.`, hint)
  }
  if (!isQuery(statement)) {
    const hint = 'A model or audience is a SELECT, or WITH … SELECT.'
    return refused('sql_not_select', first.start, `The statement begins with ${first.text}; it is no SELECT.`, hint)
  }
  const own = tokens.slice(tokens.indexOf(first), end < 0 ? undefined : end)
  return readQuery({ sql, dialect, lines, tokens: own, statement })
}

interface Query {
  readonly sql: string
  readonly dialect: Dialect
  readonly lines: LineIndex
  /** Of the statement, without the semicolon. */
  readonly tokens: readonly Token[]
  readonly statement: Parameters<typeof tablesOf>[0]
}

function readQuery({ sql, dialect, lines, tokens, statement }: Query): Reading {
  const toOffset = characterOffsets(sql)
  const identifiers = identifierStarts(statement, toOffset)
  const calls = callsOf(tokens, identifiers)
  const found = tablesOf(statement, dialect)
  const findings = findingsOf({ sql, tokens, statement, tables: found, calls, identifiers, toOffset })
  if (findings.length > 0) return { findings }
  const toSpan = ({ start, end }: Span): Span => ({ start: toOffset(start), end: toOffset(end) })
  const outputs = outputsOf(statement)
  return {
    select: {
      body: { start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? 0 },
      tables: found.map((table) => tableRef(table, toSpan, lines)),
      clocks: clocksOf({ tokens, calls, identifiers, dialect }),
      ...(outputs && { outputs }),
    },
  }
}

function tableRef(
  { schema, name, alias, mentions, ...table }: FoundTable,
  toSpan: (span: Span) => Span,
  lines: LineIndex,
): TableRef {
  const span = toSpan(table)
  const { line, column } = lines.placeAt(span.start)
  return { schema, name, ...span, line, column, alias, mentions: mentions.map(toSpan) }
}

function refused(code: string, offset: number, message: string, hint: string): Reading {
  return { findings: [{ code, offset, message, hint }] }
}
