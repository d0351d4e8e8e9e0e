import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import PQueue from 'p-queue'
import { MusterError } from '../../core/errors.ts'
import type { ColumnType, Compaction, Lane, QueryOptions, Session, UserQueryResult, Warehouse } from '../warehouse.ts'
import { copyDatabaseFile } from './copy-file.ts'
import { duckdbDialect } from './dialect.ts'
import { filesHolding } from './file-search.ts'
import { Gate } from './gate.ts'
import { type InstanceSettings, makeFolder, openInstance } from './instance.ts'
import { removeDraft, rewriteFile } from './rewrite.ts'
import { DuckdbSession } from './session.ts'
import { columnTypeOf } from './values.ts'

export interface DuckdbSettings extends InstanceSettings {
  /** Folder for staged rows and spilled intermediate results; emptied on opening. */
  readonly scratch: string
  /** Folder of the project's data files, the only other one SQL of Muster may read. */
  readonly data: string
}

/** Loads go before reads, reads before models. */
const PRIORITY: Readonly<Record<Lane | 'read', number>> = { load: 3, state: 2, read: 1, build: 0 }

/**
 * At most two statements run at once: each holds a thread of the pool that file writes need as well.
 */
const STATEMENTS_AT_ONCE = 2

/** Opens the database, shut off from files and network but for its own folders. Throws `warehouse_locked`. */
export async function openDuckdb(settings: DuckdbSettings): Promise<Warehouse> {
  for (const folder of [dirname(settings.path), stagingOf(settings), settings.data]) await makeFolder(folder)
  return new DuckdbWarehouse(settings, await openShutOff(settings))
}

const stagingOf = ({ scratch }: DuckdbSettings): string => join(scratch, 'staging')
const spillOf = ({ scratch }: DuckdbSettings): string => join(scratch, 'spill')

async function openShutOff(settings: DuckdbSettings): Promise<DuckDBInstance> {
  const instance = await openInstance(settings)
  const connection = await instance.connect()
  try {
    await emptyScratch(settings)
    for (const setting of settingsOf(settings)) await connection.run(setting)
    return instance
  } catch (error) {
    instance.closeSync()
    throw error
  } finally {
    connection.closeSync()
  }
}

function settingsOf(settings: DuckdbSettings): readonly string[] {
  const folders = [`${stagingOf(settings)}/`, `${settings.data}/`].map(duckdbDialect.text)
  return [
    `set global TimeZone = 'UTC'`,
    `set global checkpoint_threshold = '256MB'`,
    `set global preserve_insertion_order = false`,
    `set global temp_directory = ${duckdbDialect.text(spillOf(settings))}`,
    `set global allowed_directories = [${folders.join(', ')}]`,
    `set global enable_external_access = false`,
    `set global lock_configuration = true`,
  ]
}

/** What an earlier process left behind; only once no other process can be using it. */
async function emptyScratch(settings: DuckdbSettings): Promise<void> {
  await removeDraft(settings.path)
  await rm(spillOf(settings), { recursive: true, force: true })
  for (const file of await readdir(stagingOf(settings))) {
    await rm(join(stagingOf(settings), file), { recursive: true, force: true })
  }
}

/** DuckDB parses the inner text by itself: whatever it says, it is one SELECT, and keeps its own order. */
function limited(sql: string, rows: number): string {
  return `select * from query(${duckdbDialect.text(sql)}) limit ${rows}`
}

class DuckdbWarehouse implements Warehouse {
  readonly dialect = duckdbDialect
  readonly #settings: DuckdbSettings
  readonly #gate = new Gate()
  /** Undefined while the file is being rewritten, and when it could not be opened again: the next session tries. */
  #instance: Promise<DuckDBInstance> | undefined
  #disposed = false
  readonly #turns = new PQueue({ concurrency: STATEMENTS_AT_ONCE })
  readonly #lanes: Readonly<Record<Lane, PQueue>> = {
    load: new PQueue({ concurrency: 1 }),
    state: new PQueue({ concurrency: 1 }),
    build: new PQueue({ concurrency: 1 }),
  }
  readonly #idle: DuckDBConnection[] = []
  #files = 0

  constructor(settings: DuckdbSettings, instance: DuckDBInstance) {
    this.#settings = settings
    this.#instance = Promise.resolve(instance)
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

  /** The file is rewritten where its bytes hold a needle, and always where compressed blocks may hide one. */
  compact(needles?: readonly string[]): Promise<Compaction> {
    return this.#gate.alone(async () => {
      await this.#close()
      const unknown = needles === undefined || this.#settings.compression !== 'none'
      if (unknown || (await this.#filesHolding(needles)).length > 0) {
        await rewriteFile(this.#settings, spillOf(this.#settings))
      }
      // Only while the database is closed: closing any file handle of it gives up the engine's lock (POSIX).
      return { traces: await this.#filesHolding(needles ?? []) }
    })
  }

  copyTo(file: string): Promise<boolean> {
    return this.#gate.alone(async () => {
      await this.#close()
      await copyDatabaseFile(this.#settings.path, file)
      return true
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.onIdle()))
    await this.#turns.onIdle()
    this.#disposed = true
    await this.#close()
  }

  async #close(): Promise<void> {
    for (const connection of this.#idle.splice(0)) connection.closeSync()
    const instance = await this.#instance
    this.#instance = undefined
    instance?.closeSync()
  }

  async #connect(): Promise<DuckDBConnection> {
    if (this.#disposed) throw new MusterError('internal', 'The warehouse is closed.')
    this.#instance ??= openShutOff(this.#settings)
    const instance = await this.#instance.catch((error: unknown) => {
      this.#instance = undefined
      throw error
    })
    return instance.connect()
  }

  /** Files of Muster's own, not those of the project's data. */
  #filesHolding(needles: readonly string[]): Promise<readonly string[]> {
    const { path, scratch } = this.#settings
    return filesHolding([path, `${path}.wal`, scratch], needles)
  }

  #connected<T>(priority: number, work: (session: DuckdbSession) => Promise<T>): Promise<T> {
    return this.#gate.pass(async () => {
      const connection = this.#idle.pop() ?? (await this.#connect())
      await using session = new DuckdbSession(connection, {
        turns: this.#turns,
        priority,
        staging: stagingOf(this.#settings),
        nextFile: () => `${process.pid}-${this.#files++}.ndjson`,
      })
      try {
        return await work(session)
      } finally {
        this.#idle.push(connection)
      }
    })
  }
}
