/**
 * Raw identifiers: event tables of a web shop, its CRM and its billing, made in DuckDB. Deterministic, and every count is known.
 *
 * person      a user_id, a phone, two e-mails and six devices (anonymous ids): 10 identifiers, one of them a phone
 * edge        a pair of identifiers that some row ties together; 16 a person, each proved by one row
 * spelling    how a system writes a value: e-mails in any case and with spaces, phones in four forms
 */
import type { DuckDBConnection } from '@duckdb/node-api'

export const EDGES = 16_000_000
const EDGES_OF_PERSON = 16
export const IDENTIFIERS_OF_PERSON = 10
/** A group of an increment: eight rows, ten edges. */
const EDGES_OF_GROUP = 10

const PERSONAL = ['user_id', 'email', 'phone', 'anonymous_id'] as const

/** The event tables and their columns that name people, strongest first. */
export const TABLES = {
  'web.tracks': ['user_id', 'anonymous_id'],
  'web.identifies': PERSONAL,
  'crm.identifies': PERSONAL,
  'billing.identifies': PERSONAL,
} as const

/** For graphs of one shape. */
const SHAPED = { 'shape.identifies': ['user_id', 'email', 'anonymous_id', 'left_id', 'right_id'] } as const

const COLUMNS = { ...TABLES, ...SHAPED }

type Table = keyof typeof COLUMNS
type Ids = Partial<Record<(typeof COLUMNS)[Table][number], string>>

/** Rows for a table: SQL of each identifier, by n of `range(rows)`. */
export interface RawRows {
  readonly table: Table
  readonly rows: number
  readonly ids: Ids
}

export function peopleOf(edges: number): number {
  return Math.round(edges / EDGES_OF_PERSON)
}

/** All people, in loads of one number; `edges` a multiple of 16. */
export function allRows(edges: number): readonly RawRows[] {
  const people = peopleOf(edges)
  // Each table has the people in an order of its own: the factors are primes.
  const user = userId(`(n * 1000003) % ${people}`)
  const [inCrm, inWeb, inBilling] = [`(n * 700001) % ${people}`, `(n * 900007) % ${people}`, `(n * 600011) % ${people}`]
  const signedIn = [1, 2, 3, 4, 5, 6].map((k) => ({
    table: 'web.tracks' as const,
    rows: people,
    ids: { user_id: user, anonymous_id: device(`(n * 1000003) % ${people}`, k) },
  }))
  const subscribed = [
    [1, 2],
    [1, 3],
    [2, 4],
    [2, 5],
  ].map(([k = 0, d = 0]) => ({
    table: 'web.identifies' as const,
    rows: people,
    ids: { email: email(inWeb, k, d), anonymous_id: device(inWeb, d) },
  }))
  return [
    ...signedIn,
    ...subscribed,
    { table: 'web.identifies', rows: people, ids: { user_id: userId(inWeb), email: email(inWeb, 2, 6) } },
    {
      table: 'crm.identifies',
      rows: people,
      ids: { user_id: userId(inCrm), email: email(inCrm, 1, 1), phone: phone(inCrm, 1) },
    },
    { table: 'crm.identifies', rows: people, ids: { phone: phone(inCrm, 0), anonymous_id: device(inCrm, 6) } },
    {
      table: 'billing.identifies',
      rows: people,
      ids: { email: email(inBilling, 1, 2), phone: phone(inBilling, 1), anonymous_id: device(inBilling, 1) },
    },
  ]
}

/**
 * The nth increment: known people with new devices and a new e-mail, new people, strangers (an e-mail with a device) whom
 * the next increment ties to a known person, and pairs of known people whom a limit keeps apart.
 */
export function newRows(edges: number, nth: number, people: number): readonly RawRows[] {
  const groups = Math.round(edges / EDGES_OF_GROUP)
  const known = `(n * ${Math.floor(people / groups)})`
  const fresh = `(${people} + ${nth * groups} + n)`
  const row = (table: Table, ids: Ids): RawRows => ({ table, rows: groups, ids })
  return [
    ...[1, 2, 3, 4, 5].map((k) =>
      row('web.tracks', { user_id: userId(known), anonymous_id: device(fresh, 20 + k + nth * 10) }),
    ),
    row('web.identifies', { user_id: userId(fresh), email: email(fresh, 1, 1), anonymous_id: device(fresh, 1) }),
    row('web.identifies', { email: stranger('n', nth), anonymous_id: device(fresh, 9) }),
    row('web.identifies', { user_id: userId(known), email: stranger('n', nth - 1) }),
    row('web.identifies', { email: email(known, 1, nth), anonymous_id: device(`(${known} + 1)`, nth) }),
  ]
}

export interface Grown {
  readonly edges: number
  readonly profiles: number
  readonly refused: number
}

/** What there is after the nth increment of so many edges. */
export function grown(cold: number, edges: number, nth: number): Grown {
  const groups = Math.round(edges / EDGES_OF_GROUP)
  // New people stay; of the strangers only those of the last increment are on their own.
  const profiles = peopleOf(cold) + groups * nth + groups
  return { edges: cold + groups * EDGES_OF_GROUP * nth, profiles, refused: groups * nth }
}

const userId = (person: string): string => `'user-' || (${person})`

const device = (person: string, k: number): string => `md5('device-' || (${person}) || '-' || ${k})`

const stranger = (n: string, nth: number): string => `'stranger.' || ${n} || '.' || ${nth} || '@mail.example'`

/** Three spellings in four are not the normal one. */
function email(person: string, k: number, spelling: number): string {
  const text = `'ann.miller' || (${person}) || '.${k}@mail' || (${person}) % 50 || '.example'`
  return `case ((${person}) + ${spelling}) % 4 when 0 then ${text} when 1 then upper(${text})
    when 2 then '  ' || replace(${text}, 'ann.miller', 'Ann.Miller') else ${text} || ' ' end`
}

/** A valid number of Germany, the United States, Britain or France. Spelling 0 is E.164, any other the person's own. */
function phone(person: string, spelling: number): string {
  const which = `(${person}) % 4`
  const country = `(case ${which} when 0 then '49' when 1 then '1' when 2 then '44' else '33' end)`
  const number = `(((${person}) // 4 * 73687919) % 8000000)`
  const digits = `(case ${which} when 1 then '212' || (2000000 + ${number})
    else (case ${which} when 0 then '151' when 2 then '74' else '6' end) || lpad(${number}::varchar, 8, '0') end)`
  if (spelling === 0) return `'+' || ${country} || ${digits}`
  return `case (${person}) // 4 % 4 when 0 then '+' || ${country} || ${digits}
    when 1 then '+' || ${country} || ' ' || ${digits}[1:3] || ' ' || ${digits}[4:6] || ' ' || ${digits}[7:]
    when 2 then '(+' || ${country} || ') ' || ${digits}[1:3] || '-' || ${digits}[4:]
    else '+' || ${country} || '-' || ${digits}[1:5] || '-' || ${digits}[6:] end`
}

/** Puts rows into their event tables as the loader would, but for the number of their owner; makes tables that are not there. */
export async function land(connection: DuckDBConnection, load: number, parts: readonly RawRows[]): Promise<void> {
  for (const [place, { table, rows, ids }] of parts.entries()) {
    const [schema] = table.split('.')
    await connection.run(`create schema if not exists ${schema}`)
    const held = COLUMNS[table].map((column) => `${column} text`).join(', ')
    await connection.run(`create table if not exists ${table} (id text, "timestamp" timestamptz, received_at timestamptz,
      ${held}, uuid_ts timestamptz, _load bigint, _position bigint, _identifier bigint)`)
    const columns = Object.entries(ids)
    const at = `timestamptz '2026-01-01 00:00:00+00' + to_seconds(n % 10000000)`
    await connection.run(`insert into ${table} (id, "timestamp", received_at, uuid_ts, _load, _position, ${columns.map(([name]) => name).join(', ')})
      select md5('${load}-${place}-' || n), ${at}, ${at}, ${at}, ${load}, n + ${place * rows}, ${columns.map(([, sql]) => sql).join(', ')}
      from (select range as n from range(${rows}))`)
  }
}
