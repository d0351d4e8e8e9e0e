import PQueue from 'p-queue'
import pg from 'pg'
import { MusterError } from '../../core/errors.ts'
import type { ColumnType, Compaction, Lane, QueryOptions, Session, UserQueryResult, Warehouse } from '../warehouse.ts'
import { type DataFolders, stageFile } from './data-files.ts'
import { change } from './define.ts'
import { postgresDialect } from './dialect.ts'
import { engineError } from './failure.ts'
import { LOCK_TIMEOUT, patiently } from './patience.ts'
import { PostgresSession } from './session.ts'
import { runUserQuery } from './user-query.ts'
import { columnTypeOf } from './values.ts'

export interface PostgresSettings extends DataFolders {
  /** `postgres://user:password@host:port/database`; a secret. */
  readonly url: string
  /** The role whose rights users' queries have; Muster's own when absent. */
  readonly queryRole?: string | undefined
}

/**
 * Connections, by what they are for, so that none waits for those of another kind: a transaction has one for its lane, a
 * session within a session finds another, and a cancellation never queues.
 */
const CONNECTIONS = { lanes: 3, sessions: 8, users: 4, control: 2 }
const CONNECT_TIMEOUT_MS = 10_000
const CONTROL_TIMEOUT_MS = 5000

/** The oldest version that Muster is tested with. */
const OLDEST_VERSION = 15

/** Two numbers make an advisory lock of Postgres: `Must`, and the lane's. */
const LOCK_SPACE = 0x4d757374
const LANE_LOCKS: Readonly<Record<Lane, number>> = { load: 1, state: 2, build: 3 }

/** Whatever the role or the database says by default: values read alike everywhere, names are looked for in one place. */
const SETTINGS = `set time zone 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set bytea_output = 'hex';
  set extra_float_digits = 1; set standard_conforming_strings = on; set search_path = public; set lock_timeout = 0`

/** The server looks whether we are still there while a statement runs; not every system can. */
const WATCHFULNESS = `set client_connection_check_interval = '5s'`

/** Connects. Throws `warehouse_unreadable` for a database that cannot be the warehouse, `warehouse_failed` without one. */
export async function openPostgres(settings: PostgresSettings): Promise<Warehouse> {
  const warehouse = new PostgresWarehouse(settings)
  try {
    await warehouse.session(requireFit)
    return warehouse
  } catch (error) {
    await warehouse[Symbol.asyncDispose]()
    throw unreadable(error)
  }
}

async function requireFit(session: Session): Promise<void> {
  const [server] = await session.query<{ version: number; encoding: string }>(
    `select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding`,
  )
  const { version, encoding } = server ?? { version: 0, encoding: '' }
  if (version < OLDEST_VERSION) {
    throw new MusterError('warehouse_unreadable', `Muster needs Postgres ${OLDEST_VERSION}; the server is ${version}.`)
  }
  if (encoding !== 'UTF8') {
    throw new MusterError('warehouse_unreadable', `The database must be in UTF8; it is in ${encoding}.`)
  }
}

/** What the server refuses at the door is no statement's fault. */
function unreadable(error: unknown): unknown {
  if (!(error instanceof MusterError) || error.code !== 'warehouse_refused') return error
  return new MusterError('warehouse_unreadable', `Cannot open the Postgres database: ${error.message}`, {
    cause: error.cause,
  })
}

class PostgresWarehouse implements Warehouse {
  readonly dialect = postgresDialect
  readonly #settings: PostgresSettings
  readonly #lanes: Readonly<Record<Lane, PQueue>> = {
    load: new PQueue({ concurrency: 1 }),
    state: new PQueue({ concurrency: 1 }),
    build: new PQueue({ concurrency: 1 }),
  }
  readonly #pools: Readonly<Record<keyof typeof CONNECTIONS, pg.Pool>>

  constructor(settings: PostgresSettings) {
    this.#settings = settings
    const { url } = settings
    this.#pools = {
      lanes: poolOf(url, { max: CONNECTIONS.lanes }),
      sessions: poolOf(url, { max: CONNECTIONS.sessions }),
      users: poolOf(url, { max: CONNECTIONS.users }),
      control: poolOf(url, { max: CONNECTIONS.control, query_timeout: CONTROL_TIMEOUT_MS }),
    }
  }

  async columns(schema?: string): Promise<ReadonlyMap<string, ReadonlyMap<string, ColumnType>>> {
    const rows = await this.session((session) =>
      session.query<{ table: string; column: string; type: string }>(
        `select n.nspname || '.' || c.relname as "table", a.attname as "column", coalesce(b.typname, t.typname) as type
         from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
         join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype
         where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'm', 'p', 'f')
           and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and has_schema_privilege(n.oid, 'usage')
           and ($1::text is null or n.nspname = $1)
         order by n.nspname, c.relname, a.attnum`,
        [schema ?? null],
      ),
    )
    const tables = new Map<string, Map<string, ColumnType>>()
    for (const { table, column, type } of rows) {
      const columns = tables.get(table) ?? new Map<string, ColumnType>()
      tables.set(table, columns.set(column, columnTypeOf(type)))
    }
    return tables
  }

  session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#connected('sessions', work)
  }

  transaction<T>(lane: Lane, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#lanes[lane].add(() => this.#connected('lanes', work, lane))
  }

  async define(statements: readonly string[]): Promise<void> {
    if (statements.length === 0) return
    await this.transaction('load', (session) =>
      patiently(session, async () => {
        for (const statement of statements) await change(session, statement)
      }),
    )
  }

  userQuery(sql: string, options: QueryOptions & { maxRows: number }): Promise<UserQueryResult> {
    const role = this.#settings.queryRole
    return this.#connected('users', (session) => runUserQuery(session, { ...options, sql, role }))
  }

  /** What the server's own files, its write-ahead log and its backups still hold is the server's affair. */
  async compact(): Promise<Compaction> {
    await this.session((session) => session.run('vacuum'))
    return { traces: [] }
  }

  /** pg_dump does it, and takes its own snapshot. */
  async copyTo(): Promise<boolean> {
    return false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.onIdle()))
    await Promise.all(Object.values(this.#pools).map((pool) => pool.end()))
  }

  /** Work on a connection; with a lane within a transaction that waits for those of other processes in that lane. */
  async #connected<T>(
    kind: 'lanes' | 'sessions' | 'users',
    work: (session: PostgresSession) => Promise<T>,
    lane?: Lane,
  ): Promise<T> {
    const { client, pid } = await this.#take(kind)
    const session = new PostgresSession(client, {
      pid,
      inTransaction: lane !== undefined,
      cancel: (process) => this.#cancel(process),
      readFile: (reading, path, format, text) => stageFile(this.#settings, reading, path, format, text),
    })
    let broken = false
    try {
      const result = lane === undefined ? await work(session) : await committed(client, session, lane, work)
      await session[Symbol.asyncDispose]()
      return result
    } catch (error) {
      // Staged tables and the transaction must not reach whoever is next.
      broken = await fails(() => session[Symbol.asyncDispose]())
      throw error
    } finally {
      client.release(broken)
    }
  }

  /** A connection that answers: idle ones may have died unseen. */
  async #take(kind: 'lanes' | 'sessions' | 'users'): Promise<{ client: pg.PoolClient; pid: number }> {
    for (let tries = CONNECTIONS[kind]; ; tries--) {
      const client = await this.#pools[kind].connect().catch((error) => {
        throw engineError(error)
      })
      try {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
        return { client, pid: rows[0]?.pid ?? 0 }
      } catch (error) {
        client.release(true)
        if (tries === 0) throw engineError(error)
      }
    }
  }

  async #cancel(pid: number): Promise<void> {
    await this.#pools.control.query('select pg_cancel_backend($1)', [pid])
  }
}

function poolOf(url: string, settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'muster',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...settings,
    onConnect: prepare,
  })
  pool.on('error', () => {}) // an idle connection died; the pool has dropped it
  return pool
}

/** The driver waits for it. */
async function prepare(client: pg.ClientBase): Promise<void> {
  client.on('error', () => {}) // the statement under way fails with it
  await client.query(SETTINGS)
  await client.query(WATCHFULNESS).catch(() => {})
}

async function committed<T>(
  client: pg.PoolClient,
  session: PostgresSession,
  lane: Lane,
  work: (session: PostgresSession) => Promise<T>,
): Promise<T> {
  await session.run(`begin; select pg_advisory_xact_lock(${LOCK_SPACE}, ${LANE_LOCKS[lane]})`)
  // Whoever holds one event table must not stop those of all others.
  if (lane === 'load') await session.run(`set local lock_timeout = '${LOCK_TIMEOUT}'`)
  try {
    const result = await work(session)
    await session[Symbol.asyncDispose]()
    const { command } = await client.query('commit').catch((error) => {
      throw engineError(error)
    })
    // Postgres takes a commit after a statement that failed for a rollback, and says no more than that.
    if (command === 'COMMIT') return result
    throw new MusterError('warehouse_refused', 'A statement of the transaction had failed; it was rolled back.')
  } catch (error) {
    await session.run('rollback').catch(() => {}) // a lost connection has ended the transaction already
    throw error
  }
}

async function fails(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return false
  } catch {
    return true
  }
}
