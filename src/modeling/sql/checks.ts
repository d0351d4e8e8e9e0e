/** What a SELECT of a model or audience may not do. */
import { type AstNode, bodyOf, firstSpan, isNode, nodesOf, tagged } from './ast.ts'
import { type Call, callsOf } from './calls.ts'
import { isClockCall } from './clocks.ts'
import { CLOCKS, isForbidden, RANDOM, TABLE_FUNCTIONS } from './functions.ts'
import { relationsOf } from './relations.ts'
import type { FoundTable } from './scopes.ts'
import type { Token } from './sdk.ts'

/** A problem before it has its place. */
export interface Finding {
  readonly code: string
  readonly offset: number
  readonly message: string
  readonly hint: string
}

export interface CheckInput {
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly statement: AstNode
  readonly tables: readonly FoundTable[]
  readonly calls: readonly Call[]
  readonly identifiers: ReadonlySet<number>
  readonly toOffset: (character: number) => number
}

export function findingsOf(input: CheckInput): readonly Finding[] {
  return [
    ...statementFindings(input),
    ...input.calls.flatMap((call) => callFindings(call, input.tokens)),
    ...sampleFindings(input),
    ...tableFunctionFindings(input),
    ...input.tables.flatMap((table) => tableFindings(table, input)),
    ...unseenFindings(input),
  ].sort((a, b) => a.offset - b.offset)
}

const QUERIES: ReadonlySet<string> = new Set(['select', 'union', 'intersect', 'except', 'pivot', 'unpivot'])
/** What may stand in parentheses or be a CTE. */
const NESTED: ReadonlySet<string> = new Set([
  ...QUERIES,
  'values',
  'table',
  'joined_table',
  'subquery',
  'paren',
  'alias',
])

/** Whether the statement gives rows and does nothing else. */
export function isQuery(statement: AstNode): boolean {
  const node = tagged(statement)
  if (!node) return false
  if (node.kind === 'subquery' || node.kind === 'paren') return isNode(node.body.this) && isQuery(node.body.this)
  return QUERIES.has(node.kind)
}

function statementFindings({ statement, tokens, toOffset }: CheckInput): readonly Finding[] {
  const findings: Finding[] = []
  const refuse = (node: unknown, what: string, hint: string) => {
    findings.push({ code: 'sql_not_select', offset: toOffset(firstSpan(node)?.start ?? 0), message: what, hint })
  }
  for (const node of nodesOf(statement)) {
    const select = bodyOf(node, 'select')
    if (isNode(select?.into))
      refuse(select.into, 'SELECT … INTO makes a table.', 'Leave INTO out: the file is the table.')
    const nested = bodyOf(node, 'subquery')?.this ?? (node.alias_first === undefined ? undefined : node.this)
    const kind = tagged(nested)?.kind
    if (kind !== undefined && !NESTED.has(kind)) {
      refuse(nested, `A ${kind.replaceAll('_', ' ')} stands where a SELECT must.`, 'Write a SELECT.')
    }
    if (Array.isArray(node.locks) && node.locks.length > 0) findings.push(lockFinding(tokens))
  }
  return findings
}

function lockFinding(tokens: readonly Token[]): Finding {
  const locks = ['update', 'share', 'no', 'key']
  const lock = tokens.find(({ name }, index) => name === 'for' && locks.includes(tokens[index + 1]?.name ?? ''))
  return {
    code: 'sql_not_select',
    offset: lock?.start ?? 0,
    message: 'FOR UPDATE and FOR SHARE lock rows.',
    hint: 'Leave the clause out: a model only reads.',
  }
}

function callFindings(call: Call, tokens: readonly Token[]): readonly Finding[] {
  const { name, start: offset } = call
  if (RANDOM.has(name)) return [randomFinding(`${name}()`, offset)]
  if (isForbidden(name)) {
    const hint = 'Leave it out: it reads or changes more than tables.'
    return [{ code: 'sql_forbidden_function', offset, message: `${name}() may not be called.`, hint }]
  }
  if (CLOCKS.has(name) && !isClockCall(call, tokens) && !call.isQualified) {
    const hint = `Write ${name}() and convert what it gives.`
    return [{ code: 'sql_forbidden_function', offset, message: `${name}() takes no arguments here.`, hint }]
  }
  return hiddenClock(call)
}

function hiddenClock({ name, args, isQualified, start: offset }: Call): readonly Finding[] {
  const code = 'sql_forbidden_function'
  const message = `${name}() reads the clock by itself, so it would not follow the run's instant.`
  if (name === 'ago') return [{ code, offset, message, hint: 'Write now() - the interval.' }]
  if (name !== 'age' || args + (isQualified ? 1 : 0) > 1) return []
  return [{ code, offset, message, hint: 'Give both ends: age(now(), since).' }]
}

function randomFinding(what: string, offset: number): Finding {
  const hint = 'Take a hash of a key instead, such as hash(profile_id): the same run must give the same rows.'
  return { code: 'sql_random', offset, message: `${what} gives other rows each time.`, hint }
}

function sampleFindings({ tokens, identifiers }: CheckInput): readonly Finding[] {
  return tokens
    .filter(({ kind, name, start }, index) => {
      if (kind !== 'word' || identifiers.has(start)) return false
      return name === 'tablesample' || (name === 'sample' && tokens[index - 1]?.name === 'using')
    })
    .map(({ start }) => randomFinding('A sample', start))
}

function tableFunctionFindings({ statement, tokens, identifiers, sql }: CheckInput): readonly Finding[] {
  const findings: Finding[] = []
  for (const node of nodesOf(statement)) {
    for (const { kind, body } of relationsOf(node)) {
      if (NESTED.has(kind) || kind === 'unnest' || kind === 'column' || kind === 'dot') continue
      const name = (kind === 'function' && typeof body.name === 'string' ? body.name : kind).toLowerCase()
      const last = name.slice(name.lastIndexOf('.') + 1)
      if (!TABLE_FUNCTIONS.has(last))
        findings.push(fileFinding(`${last}()`, placeOf(last, tokens, identifiers) ?? sql.length))
    }
  }
  return findings
}

/** The tree does not say where a function stands: the first call of that name after FROM, JOIN or a comma. */
function placeOf(name: string, tokens: readonly Token[], identifiers: ReadonlySet<number>): number | undefined {
  const calls = callsOf(tokens, identifiers).filter((call) => call.name === name)
  const relation = calls.find(({ first }) =>
    ['from', 'join', ',', 'lateral', '('].includes(tokens[first - 1]?.name ?? ''),
  )
  return (relation ?? calls[0])?.start
}

function fileFinding(what: string, offset: number): Finding {
  const hint = 'Put the file into data/ and name it under source_tables in muster.yaml; SELECT from that table.'
  return { code: 'sql_file_access', offset, message: `${what} after FROM reads files or the engine's internals.`, hint }
}

const INTERNAL_SCHEMAS = new Set(['information_schema', 'pg_catalog', 'pg_toast'])

function tableFindings(
  { catalog, schema, name, start }: FoundTable,
  { sql, toOffset }: CheckInput,
): readonly Finding[] {
  const offset = toOffset(start)
  const code = 'sql_forbidden_table'
  const written = [catalog, schema, name].filter((part) => part !== undefined).join('.')
  if (sql[offset] === "'" || (schema === undefined && /[./\\*?:]/.test(name))) return [fileFinding(`'${name}'`, offset)]
  if (catalog !== undefined) {
    return [{ code, offset, message: `${written} names a database.`, hint: `Write ${schema}.${name}.` }]
  }
  if (schema === 'muster' || schema?.endsWith('_muster')) {
    const hint = 'Read models, audiences, identity and event tables; Muster keeps its own books to itself.'
    return [{ code, offset, message: `${written} is one of Muster's own tables.`, hint }]
  }
  if (
    schema === undefined
      ? /^(duckdb|pragma|sqlite|pg)_|^(show|describe|summarize)$/.test(name)
      : INTERNAL_SCHEMAS.has(schema)
  ) {
    const hint = "Read tables of the project; the engine's catalog is not among them."
    return [{ code, offset, message: `${written} belongs to the engine.`, hint }]
  }
  return []
}

/** The parser drops some nested clauses from its tree without a word: a table it has not seen would be read as it is. */
function unseenFindings({ tokens, calls, identifiers }: CheckInput): readonly Finding[] {
  const names = new Set(calls.map(({ first }) => first))
  return tokens.flatMap(({ kind, name, start, isPlain }, index) => {
    const before = tokens[index - 1]
    const isRelation = before?.kind === 'word' && (before.name === 'from' || before.name === 'join')
    const isKnown = identifiers.has(start) || names.has(index) || (kind === 'word' && CLOCKS.has(name))
    if (!isRelation || !isPlain || isKnown) return []
    const hint = 'Write WITH once, before the first SELECT, and leave out parentheses around the whole.'
    return [{ code: 'sql_syntax', offset: start, message: `${name} stands in a clause that cannot be followed.`, hint }]
  })
}
