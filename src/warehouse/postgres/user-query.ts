/**
 * A user's SELECT: in a read-only transaction, over a cursor, and only after a look at what it names, since reading alone
 * lets a role read files, other sessions and whatever Muster itself may read.
 */
import { MusterError } from '../../core/errors.ts'
import type { QueryOptions, Row, UserQueryResult } from '../warehouse.ts'
import { postgresDialect } from './dialect.ts'
import type { PostgresSession, ResultTable } from './session.ts'
import { namesIn, type SqlNames } from './sql-names.ts'

const BEGINNINGS: ReadonlySet<string> = new Set(['select', 'with', 'values', 'table', '('])

/** Names of the catalogue that show values of tables or what other sessions do. */
const REVEALING =
  /^pg_(stat|largeobject|authid|shadow|user_mapping|cursors|prepared_statements|file_settings)|^(_pg_)?user_mapping/
/** Schemas of state, as `muster` and `prod_muster`. */
const OF_MUSTER = /muster$/

/** Volatile functions that do no more than give a value. */
const HARMLESS: readonly string[] = [
  'array_sample',
  'array_shuffle',
  'clock_timestamp',
  'gen_random_uuid',
  'random',
  'random_normal',
  'timeofday',
  'uuidv4',
  'uuidv7',
]

/** What the server waits longer than we do, should nobody be left to cancel. */
const SERVER_GRACE_MS = 1000

export interface UserQuery extends QueryOptions {
  readonly sql: string
  readonly maxRows: number
  /** Whose rights the query has; Muster's own when absent. */
  readonly role?: string | undefined
}

export async function runUserQuery(
  session: PostgresSession,
  { sql, maxRows, role, ...options }: UserQuery,
): Promise<UserQueryResult> {
  const names = namesIn(sql)
  requireSelect(names)
  requireAllowed(names)
  await session.run('begin transaction read only')
  try {
    await requireQuietFunctions(session, names)
    if (options.timeoutMs !== undefined) {
      await session.run(`set local statement_timeout = ${options.timeoutMs + SERVER_GRACE_MS}`)
    }
    if (role !== undefined) await session.run(`set local role ${postgresDialect.identifier(role)}`)
    const result = await session.table(sql, maxRows + 1, options)
    const columns = await columnsOf(session, result)
    return { columns, rows: rowsOf(columns, result.rows.slice(0, maxRows)), truncated: result.rows.length > maxRows }
  } finally {
    // Locks that a query takes for its session outlive the transaction.
    await session.run('rollback; select pg_advisory_unlock_all()')
  }
}

function requireSelect({ first }: SqlNames): void {
  if (first === '') throw new MusterError('warehouse_refused', 'The query is empty.')
  if (BEGINNINGS.has(first)) return
  throw new MusterError('warehouse_refused', `A query is one SELECT; this one begins with ${first}.`)
}

function requireAllowed({ all, qualifiers }: SqlNames): void {
  for (const name of qualifiers) {
    if (OF_MUSTER.test(name)) throw new MusterError('warehouse_refused', `A query may not read the schema ${name}.`)
  }
  for (const name of all) {
    if (REVEALING.test(name)) throw new MusterError('warehouse_refused', `A query may not read ${name}.`)
  }
}

/** Refuses what acts beyond the query: Postgres calls such functions volatile. Some others run a query given as text. */
async function requireQuietFunctions(session: PostgresSession, { all }: SqlNames): Promise<void> {
  const harmless = HARMLESS.map(postgresDialect.text).join(', ')
  const [found] = await session.query<{ name: string }>(
    `select proname as name from pg_proc where proname = any($1::text[]) and prorettype <> 'trigger'::regtype
     and 'internal'::regtype <> all(proargtypes)
     and (provolatile = 'v' and not (pronamespace = 'pg_catalog'::regnamespace and proname in (${harmless}))
       or proname ~ '_to_xml') order by 1 limit 1`,
    [`{${[...all].map((name) => JSON.stringify(name)).join(',')}}`],
  )
  if (!found) return
  throw new MusterError('warehouse_refused', `A query may not call ${found.name}(), which does more than read.`)
}

/** Of columns that share a name the later ones are numbered. */
async function columnsOf(session: PostgresSession, { fields }: ResultTable): Promise<UserQueryResult['columns']> {
  const types = await session.query<{ type: string }>(
    `select format_type(t.oid, t.mod) as type from unnest($1::oid[], $2::int[]) with ordinality t(oid, mod, place) order by place`,
    [`{${fields.map(({ type }) => type).join(',')}}`, `{${fields.map(({ modifier }) => modifier).join(',')}}`],
  )
  const seen = new Map<string, number>()
  return fields.map(({ name }, index) => {
    const times = seen.get(name) ?? 0
    seen.set(name, times + 1)
    return { name: times === 0 ? name : `${name}:${times}`, type: types[index]?.type ?? 'text' }
  })
}

function rowsOf(columns: UserQueryResult['columns'], rows: readonly (readonly unknown[])[]): readonly Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])))
}
