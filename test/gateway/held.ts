/**
 * What the warehouse must hold of an event that was sent, written apart from src/event so that both cannot share a mistake.
 */
import { expect } from 'vitest'
import type { ServedProject } from '../server/served-project.ts'
import type { Sent } from './recording-proxy.ts'

type Json = Readonly<Record<string, unknown>>
type Row = Record<string, string | number | boolean>

interface Held {
  readonly table: string
  readonly row: Row
  /** The columns that must be timestamps. */
  readonly instants: ReadonlySet<string>
}

interface Expectation {
  /** Event names whose tables do not follow from them at a glance. */
  readonly tables?: Readonly<Record<string, string>>
  /** What is in no row, as `table.column`. */
  readonly discarded?: readonly string[]
}

const PRIMARY: Readonly<Record<string, string>> = {
  identify: 'identifies',
  track: 'tracks',
  page: 'pages',
  screen: 'screens',
  group: 'groups',
  alias: 'aliases',
}

/** Members of events that no column is made of; the log keeps them. */
const NOT_COLUMNS = new Set(['type', 'integrations', '_metadata', 'writeKey', 'category'])

/** Columns with their own rules. */
const KNOWN = new Set([
  'messageId',
  'anonymousId',
  'userId',
  'previousId',
  'groupId',
  'event',
  'name',
  'channel',
  'context',
  'properties',
  'traits',
  'timestamp',
  'originalTimestamp',
  'sentAt',
])

const LOADER = new Set(['_load', '_position', '_identifier', 'uuid_ts'])

const ISO_DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d\.\d{3}Z)?$/

/** Each event is in the tables of its source once, all of its members in their columns, and nothing besides. */
export async function expectHeld(
  project: ServedProject,
  source: string,
  sent: readonly Sent[],
  { tables = {}, discarded = [] }: Expectation = {},
): Promise<void> {
  await project.landed()
  const found = new Map<string, readonly Row[]>()
  const read = async (table: string): Promise<readonly Row[]> => {
    const rows = found.get(table) ?? (await project.rows<Row>(`select * from ${source}.${table}`))
    found.set(table, rows)
    return rows
  }
  const expected: Held[] = []
  for (const one of sent) {
    const primary = (await read(PRIMARY[String(one.event.type)] ?? '')).filter(({ id }) => id === one.event.messageId)
    expect(primary, `rows of ${String(one.event.messageId)}`).toHaveLength(1)
    expected.push(...held(one, String(primary[0]?.received_at), tables))
  }
  for (const table of new Set(expected.map((one) => one.table))) {
    const wanted = expected.filter((one) => one.table === table)
    expect((await read(table)).map(withoutLoader).sort(byId), table).toEqual(wanted.map(({ row }) => row).sort(byId))
    await expectTypes(project, `${source}.${table}`, wanted)
  }
  const discards = await project.rows<Row>(`select table_name || '.' || column_name as place from ${source}.discards`)
  expect(discards.map(({ place }) => place).sort()).toEqual(discarded.toSorted())
}

/** The rows of one event. */
function held(
  { event, shared, exchange }: Sent,
  receivedAt: string,
  tables: Expectation['tables'] = {},
): readonly Held[] {
  expect(Object.keys(event).filter((key) => !KNOWN.has(key) && !NOT_COLUMNS.has(key))).toEqual([])
  const received = Date.parse(receivedAt)
  expect(received).toBeGreaterThanOrEqual(exchange.startedAt)
  expect(received).toBeLessThanOrEqual(exchange.endedAt ?? 0)
  const { type } = event
  const common = { ...standard(event, shared, receivedAt), ...leaves({ context: event.context }) }
  const instants = new Set(['sent_at', 'timestamp', 'received_at', 'original_timestamp'])
  const inContext = type === 'identify' ? leaves(object(object(event.context).traits)) : {}
  const sentAs = type === 'identify' || type === 'group' ? event.traits : event.properties
  const own = { ...inContext, ...leaves(object(sentAs)) }
  const rowOf = (table: string, row: Row): Held => ({
    table,
    row,
    instants: new Set([...instants, ...Object.keys(row).filter((column) => isDate(row[column]))]),
  })
  if (type === 'track') {
    const table = tables[String(event.event)] ?? snake(String(event.event).replaceAll(' ', '_'))
    const named = { ...common, event_text: String(event.event), event: table }
    return [rowOf('tracks', named), rowOf(table, { ...own, ...named })]
  }
  if (type === 'identify') {
    const { id: _, anonymous_id: __, user_id, channel: ___, ...described } = { ...own, ...common }
    const user = user_id === undefined ? [] : [rowOf('users', { id: user_id, ...described })]
    return [rowOf('identifies', { ...own, ...common }), ...user]
  }
  const special = { name: event.name, group_id: event.groupId, previous_id: event.previousId }
  return [rowOf(PRIMARY[String(type)] ?? '', { ...(type === 'alias' ? {} : own), ...common, ...leaves(special) })]
}

function standard(event: Json, shared: Json, receivedAt: string): Row {
  const received = Date.parse(receivedAt)
  const sentAt = Date.parse(String(event.sentAt ?? shared.sentAt))
  const original = Date.parse(String(event.originalTimestamp ?? receivedAt))
  const happened = event.timestamp === undefined ? received - (sentAt - original) : Date.parse(String(event.timestamp))
  return {
    ...leaves({ id: event.messageId, anonymous_id: event.anonymousId, user_id: event.userId, channel: event.channel }),
    sent_at: iso(sentAt),
    original_timestamp: iso(original),
    timestamp: iso(happened),
    received_at: receivedAt,
    context_ip: '127.0.0.1',
    context_request_ip: '127.0.0.1',
  }
}

/** Columns of all values in an object: the path joined by `_`; lists as JSON; nothing for what is empty. */
function leaves(value: Json, prefix = ''): Row {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, Row[string]][] => {
      const column = prefix + snake(key)
      if (Array.isArray(member)) return member.length === 0 ? [] : [[column, JSON.stringify(member)]]
      if (typeof member === 'object' && member !== null) return Object.entries(leaves(object(member), `${column}_`))
      if (typeof member === 'string' && ISO_DATE.test(member)) return [[column, iso(Date.parse(member))]]
      return typeof member === 'string' || typeof member === 'number' || typeof member === 'boolean'
        ? member === ''
          ? []
          : [[column, member]]
        : []
    }),
  )
}

async function expectTypes(project: ServedProject, table: string, expected: readonly Held[]): Promise<void> {
  const columns = [...new Set(expected.flatMap(({ row }) => Object.keys(row)))]
  const list = columns.map((column) => `typeof(max("${column}")) as "${column}"`).join(', ')
  const [types] = await project.rows<Row>(`select ${list} from ${table}`)
  const wanted = columns.map((column) => [column, typeOf(column, expected)])
  expect(types, `types of ${table}`).toEqual(Object.fromEntries(wanted))
}

function typeOf(column: string, expected: readonly Held[]): string {
  const rows = expected.filter(({ row }) => row[column] !== undefined)
  if (rows.every(({ instants }) => instants.has(column))) return 'TIMESTAMP WITH TIME ZONE'
  const values = rows.map(({ row }) => row[column])
  if (values.every((value) => typeof value === 'boolean')) return 'BOOLEAN'
  if (values.every((value) => Number.isSafeInteger(value))) return 'BIGINT'
  return values.every((value) => typeof value === 'number') ? 'DOUBLE' : 'VARCHAR'
}

function snake(name: string): string {
  return name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase()
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && ISO_DATE.test(value)
}

function iso(instant: number): string {
  return new Date(instant).toISOString()
}

function object(value: unknown): Json {
  return (value ?? {}) as Json // the SDKs send objects there
}

function withoutLoader(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column, value]) => !LOADER.has(column) && value !== null))
}

function byId(one: Row, other: Row): number {
  return String(one.id) < String(other.id) ? -1 : 1
}
