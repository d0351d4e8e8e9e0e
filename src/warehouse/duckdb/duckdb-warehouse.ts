import { mkdir, readdir, rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import PQueue from 'p-queue'
import { MusterError, messageOf } from '../../core/errors.ts'
import type { ColumnType, Lane, QueryOptions, Session, UserQueryResult, Warehouse } from '../warehouse.ts'
import { duckdbDialect } from './dialect.ts'
import { DuckdbSession } from './session.ts'
import { columnTypeOf } from './values.ts'

export interface DuckdbSettings {
  /** The database file, absolute. */
  readonly path: string
  /** Folder for staged rows and spilled intermediate results; emptied on opening. */
  readonly scratch: string
  /** Folder of the project's data files, the only other one SQL of Muster may read. */
  readonly data: string
  /** Such as `2GB`; by default 40 % of the machine's memory. */
  readonly memoryLimit?: string | undefined
  readonly threads?: number | undefined
}

/** Loads go before reads, reads before models. */
const PRIORITY: Readonly<Record<Lane | 'read', number>> = { load: 3, state: 2, read: 1, build: 0 }

/**
 * At most two statements run at once: each holds a thread of the pool that file writes need as well.
 */
const STATEMENTS_AT_ONCE = 2

/** Opens the database, shut off from files and network but for its own folders. Throws `warehouse_locked`. */
export async function openDuckdb(settings: DuckdbSettings): Promise<Warehouse> {
  const staging = join(settings.scratch, 'staging')
  for (const folder of [dirname(settings.path), staging, settings.data]) await makeFolder(folder)
  const instance = await openInstance(settings)
  // Only now, that no other process can be using them.
  for (const file of await readdir(staging)) await rm(join(staging, file), { recursive: true, force: true })
  const warehouse = new DuckdbWarehouse(instance, staging)
  await warehouse.session(async (session) => {
    const folders = [`${staging}/`, `${settings.data}/`].map(duckdbDialect.text)
    for (const setting of [
      `set global TimeZone = 'UTC'`,
      `set global checkpoint_threshold = '256MB'`,
      `set global preserve_insertion_order = false`,
      `set global temp_directory = ${duckdbDialect.text(join(settings.scratch, 'spill'))}`,
      `set global allowed_directories = [${folders.join(', ')}]`,
      `set global enable_external_access = false`,
      `set global lock_configuration = true`,
    ]) {
      await session.run(setting)
    }
  })
  return warehouse
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new MusterError('folder_unwritable', `The folder ${folder} cannot be made: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function openInstance({ path, memoryLimit, threads }: DuckdbSettings): Promise<DuckDBInstance> {
  const options = {
    memory_limit: memoryLimit ?? `${Math.floor((totalmem() * 0.4) / 1024 ** 2)}MB`,
    ...(threads !== undefined && { threads: String(threads) }),
  }
  try {
    return await DuckDBInstance.create(path, options)
  } catch (error) {
    const message = messageOf(error)
    if (/Could not set lock|Conflicting lock/.test(message)) {
      const holder = /PID (\d+)/.exec(message)?.[1]
      throw new MusterError(
        'warehouse_locked',
        `The DuckDB file ${path} is open in another process${holder ? ` (pid ${holder})` : ''}.`,
        { cause: error },
      )
    }
    throw new MusterError('warehouse_unreadable', `Cannot open the DuckDB file ${path}: ${message}`, { cause: error })
  }
}

/** DuckDB parses the inner text by itself: whatever it says, it is one SELECT, and keeps its own order. */
function limited(sql: string, rows: number): string {
  return `select * from query(${duckdbDialect.text(sql)}) limit ${rows}`
}

class DuckdbWarehouse implements Warehouse {
  readonly dialect = duckdbDialect
  readonly #instance: DuckDBInstance
  readonly #staging: string
  readonly #turns = new PQueue({ concurrency: STATEMENTS_AT_ONCE })
  readonly #lanes: Readonly<Record<Lane, PQueue>> = {
    load: new PQueue({ concurrency: 1 }),
    state: new PQueue({ concurrency: 1 }),
    build: new PQueue({ concurrency: 1 }),
  }
  readonly #idle: DuckDBConnection[] = []
  #files = 0

  constructor(instance: DuckDBInstance, staging: string) {
    this.#instance = instance
    this.#staging = staging
  }

  async columns(schema?: string): Promise<ReadonlyMap<string, ReadonlyMap<string, ColumnType>>> {
    const rows = await this.session((session) =>
      session.query<{ table: string; column: string; type: string }>(
        `select schema_name || '.' || table_name as "table", column_name as "column", data_type as type
         from duckdb_columns() where not internal and database_name = current_database()
         ${schema === undefined ? '' : 'and schema_name = $1'} order by schema_name, table_name, column_index`,
        schema === undefined ? [] : [schema],
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
    return this.#connected(PRIORITY.read, work)
  }

  transaction<T>(lane: Lane, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#lanes[lane].add(() =>
      this.#connected(PRIORITY[lane], async (session) => {
        await session.run('begin transaction')
        try {
          const result = await work(session)
          await session.requireUnbroken()
          await session.run('commit')
          return result
        } catch (error) {
          await session.run('rollback').catch(() => {}) // a failed commit has ended the transaction already
          throw error
        }
      }),
    )
  }

  async define(statements: readonly string[]): Promise<void> {
    if (statements.length === 0) return
    await this.transaction('load', async (session) => {
      for (const statement of statements) await session.run(statement)
    })
  }

  userQuery(sql: string, { maxRows, ...options }: QueryOptions & { maxRows: number }): Promise<UserQueryResult> {
    return this.#connected(PRIORITY.read, async (session) => {
      await session.run('begin transaction read only')
      try {
        await session.requireSelect(sql, options)
        const { columns, rows } = await session.table(limited(sql, maxRows + 1), options)
        return { columns, rows: rows.slice(0, maxRows), truncated: rows.length > maxRows }
      } finally {
        await session.run('rollback')
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.onIdle()))
    await this.#turns.onIdle()
    for (const connection of this.#idle.splice(0)) connection.closeSync()
    this.#instance.closeSync()
  }

  async #connected<T>(priority: number, work: (session: DuckdbSession) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#instance.connect())
    await using session = new DuckdbSession(connection, {
      turns: this.#turns,
      priority,
      staging: this.#staging,
      nextFile: () => `${process.pid}-${this.#files++}.ndjson`,
    })
    try {
      return await work(session)
    } finally {
      this.#idle.push(connection)
    }
  }
}
