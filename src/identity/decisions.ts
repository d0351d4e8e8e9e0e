/**
 * Decisions: what somebody who knows better says of identifiers, kept as data in the project.
 *
 *   action,type,value,other_type,other_value,note
 *   join      the two are one profile, before any evidence
 *   separate  the two are never one profile
 *   ignore    the value names nobody
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { writeDurably } from '../core/durable-file.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { Collector } from './collect.ts'
import { computeValues } from './computed-values.ts'
import { numberIdentifiers } from './identifiers.ts'

export type Action = 'join' | 'separate' | 'ignore'

export interface Decision {
  readonly action: Action
  readonly type: string
  readonly value: string
  readonly other_type: string
  readonly other_value: string
  readonly note: string
}

const COLUMNS = ['action', 'type', 'value', 'other_type', 'other_value', 'note'] as const
const ACTIONS: readonly string[] = ['join', 'separate', 'ignore']

/** Of the project, relative to it. */
const DECISIONS_FILE = 'data/identity_decisions.csv'

/** What is decided in a project; nothing where there is no file. Throws `identity_decisions_invalid`, with the line. */
export async function readDecisions(root: string, types: readonly string[]): Promise<readonly Decision[]> {
  return parseDecisions(await readText(join(root, DECISIONS_FILE)), types)
}

/** Empty where there is no file; one that cannot be read is not taken for one that is not there. */
function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

function parseDecisions(text: string, types: readonly string[]): readonly Decision[] {
  return rowsOf(text).map(({ record, line }) => {
    const decision = Object.fromEntries(COLUMNS.map((column) => [column, record[column] ?? ''])) as unknown as Decision // checked below
    const fault = faultOf(decision, types)
    if (fault !== undefined) throw invalid(line, fault)
    return decision
  })
}

function rowsOf(text: string): readonly { record: Readonly<Record<string, string>>; line: number }[] {
  try {
    const rows: unknown = parse(text, { bom: true, columns: true, info: true, skip_empty_lines: true, trim: true })
    return (rows as { record: Record<string, string>; info: { lines: number } }[]).map(({ record, info }) => ({
      record,
      line: info.lines,
    })) // as csv-parse gives rows with `info`
  } catch (error) {
    throw invalid(Number(Object(error).lines ?? 1), messageOf(error))
  }
}

function faultOf({ action, type, value, other_type, other_value }: Decision, types: readonly string[]) {
  if (!ACTIONS.includes(action)) return `"${action}" is no action: it is join, separate or ignore`
  const named =
    action === 'ignore'
      ? [[type, value]]
      : [
          [type, value],
          [other_type, other_value],
        ]
  for (const [kind = '', text = ''] of named) {
    if (!types.includes(kind)) return `"${kind}" is no type of identifiers of this project: ${types.join(', ')}`
    if (text === '') return `the value of ${kind} is missing`
  }
  return undefined
}

function invalid(line: number, why: string): MusterError {
  return new MusterError('identity_decisions_invalid', `${DECISIONS_FILE}:${line}: ${why}.`, {
    hint: `Its columns are ${COLUMNS.join(', ')}.`,
  })
}

/** Adds a decision to the project's file, which is made where there is none. */
export async function addDecision(root: string, decision: Decision): Promise<void> {
  const path = join(root, DECISIONS_FILE)
  const before = (await readText(path)) || `${COLUMNS.join(',')}\n`
  const row = COLUMNS.map((column) => cell(decision[column])).join(',')
  await writeDurably(path, `${before.replace(/\n?$/, '\n')}${row}\n`)
}

function cell(value: string): string {
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** Puts decisions in place of those known, and notes whom they concern. Within the load lane. */
export async function storeDecisions(
  session: Session,
  collector: Collector,
  decisions: readonly Decision[],
): Promise<void> {
  const { dialect, names } = collector
  const table = names.table('identity', 'decisions')
  const identifiers = names.table('identity', 'identifiers')
  const columns = {
    action: 'string',
    type: 'string',
    value: 'string',
    other_type: 'string',
    other_value: 'string',
    note: 'string',
  } as const
  const { relation } = await session.stage(columns, decisions)
  await session.run(`create temp table stated as select * from ${relation}`)
  const typed = collector.types.flatMap(({ name }) => [
    { type: name, expression: `case when type = ${dialect.text(name)} then value end` },
    { type: name, expression: `case when other_type = ${dialect.text(name)} then other_value end` },
  ])
  await computeValues(session, { ...collector, table: names.table('identity', 'computed') }, 'stated', typed)
  const normal = (type: string, value: string) => normalOf(collector, dialect, type, value)
  await session.run(
    `create temp table decided as select action, type, ${normal('s.type', 's.value')} as value, other_type,
       ${normal('s.other_type', 's.other_value')} as other_value, note from stated s`,
  )
  await numberIdentifiers(
    session,
    dialect,
    names,
    'select type, value from decided union all select other_type, other_value from decided',
  )
  await session.run(`create temp table now_decided as select d.action, x.id as a, y.id as b, d.note from decided d
    join ${identifiers} x on x.type = d.type and x.value = d.value
    left join ${identifiers} y on y.type = d.other_type and y.value = d.other_value where d.action = 'ignore' or y.id is not null`)
  const touched = names.table('identity', 'touched')
  const edges = names.table('identity', 'edges')
  if (collector.noting) {
    for (const from of [table, 'now_decided']) {
      await session.run(
        `insert into ${touched} (identifier, regroup, mark) select i, true, (select coalesce(max(mark), 0) + 1 from ${touched})
         from (select a as i from ${from} union select b from ${from} where b is not null
           union select e.b from ${from} d join ${edges} e on e.a = d.a where d.action = 'ignore'
           union select e.a from ${from} d join ${edges} e on e.b = d.a where d.action = 'ignore') x`,
      )
    }
  }
  await session.run(`delete from ${table}`)
  await session.run(`insert into ${table} (action, a, b, note) select action, a, b, note from now_decided`)
  for (const temp of ['stated', 'decided', 'now_decided']) await session.run(`drop table ${temp}`)
}

function normalOf({ types, normalise }: Collector, dialect: Dialect, type: string, value: string): string {
  const cases = types.map(({ name }) => `when ${dialect.text(name)} then ${normalise(name, value)}`)
  return `case ${type} ${cases.join(' ')} end`
}
