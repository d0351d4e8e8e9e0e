import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, ResultReturnType, StatementType } from '@duckdb/node-api'
import PQueue from 'p-queue'
import { MusterError, messageOf } from '../../core/errors.ts'
import { quoted } from '../names.ts'
import { Stop } from '../stop.ts'
import type {
  Cell,
  ColumnType,
  DataFile,
  FileFormat,
  QueryOptions,
  Replacement,
  Row,
  Session,
  Statement,
  Value,
} from '../warehouse.ts'
import { readerOf, readNdjson, sniffed } from './data-files.ts'
import { duckdbDialect } from './dialect.ts'
import { appendIntegers, integersOf } from './integers.ts'
import { stageCells, stageRows } from './staging.ts'
import { fromDuckdb, toDuckdb, typeName } from './values.ts'

/** How a session takes part in the instance: its turn among all statements, and where it may write rows. */
export interface SessionPlace {
  readonly turns: PQueue
  readonly priority: number
  readonly staging: string
  readonly nextFile: () => string
}

/** White space, comments and semicolons. */
const BLANK = /\s+|;|--[^\n]*|\/\*[\s\S]*?\*\//g

export interface ResultTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly Row[]
}

/** Statements on one DuckDB connection, each waiting for its turn among the instance's. */
export class DuckdbSession implements Session, AsyncDisposable {
  readonly #connection: DuckDBConnection
  readonly #place: SessionPlace
  readonly #files: string[] = []
  readonly #tables: string[] = []
  /** One statement at a time: rows may be written meanwhile, but two statements would block each other. */
  readonly #statements = new PQueue({ concurrency: 1 })
  #failed = false

  constructor(connection: DuckDBConnection, place: SessionPlace) {
    this.#connection = connection
    this.#place = place
  }

  query<R extends object = Row>(
    statement: Statement,
    values: readonly Value[] = [],
    options: QueryOptions = {},
  ): Promise<R[]> {
    const { sql, bindings } = compiled(statement, values)
    return this.#turn(new Stop(options), async () => {
      const result = await this.#connection.run(sql, bindings)
      return (await result.convertRowObjects(fromDuckdb)) as R[] // the caller names the columns it selected
    })
  }

  run(statement: Statement, values: readonly Value[] = [], options: QueryOptions = {}): Promise<number> {
    const { sql, bindings } = compiled(statement, values)
    return this.#turn(new Stop(options), async () => (await this.#connection.run(sql, bindings)).rowsChanged)
  }

  async *stream<R extends object = Row>(
    statement: Statement,
    values: readonly Value[] = [],
    options: QueryOptions = {},
  ): AsyncIterable<readonly R[]> {
    const { sql, bindings } = compiled(statement, values)
    const stop = new Stop(options)
    const result = await this.#turn(stop, () => this.#connection.stream(sql, bindings))
    const batches = result.yieldConvertedRowObjects(fromDuckdb)
    for (;;) {
      const { done, value: rows } = await this.#turn(stop, () => batches.next())
      if (done) break
      yield rows as R[] // the caller names the columns it selected
    }
    stop.throwIfStopped()
    // The driver ends a result that failed under way like one that is complete.
    if (result.returnType !== ResultReturnType.QUERY_RESULT) {
      throw new MusterError('warehouse_refused', 'The query failed after some of its rows had been read.')
    }
  }

  async *integers(sql: string): AsyncIterable<readonly Int32Array[]> {
    const stop = new Stop({})
    const result = await this.#turn(stop, () => this.#connection.stream(sql))
    for (;;) {
      const chunk = await this.#turn(stop, () => result.fetchChunk())
      if (!chunk || chunk.rowCount === 0) return
      yield integersOf(chunk)
    }
  }

  async stageIntegers(columns: Readonly<Record<string, Int32Array>>): Promise<{ relation: string }> {
    const name = `staged_${this.#place.nextFile().replaceAll(/\W/g, '_')}`
    const typed = Object.keys(columns).map((column) => `${duckdbDialect.identifier(column)} integer`)
    await this.run(`create temp table ${name} (${typed.join(', ')})`)
    this.#tables.push(name)
    await this.#turn(new Stop({}), async () => {
      const appender = await this.#connection.createAppender(name, 'main', 'temp')
      appendIntegers(appender, Object.values(columns))
      appender.closeSync()
    })
    return { relation: `temp.main.${name}` }
  }

  /** Throws `warehouse_refused` for anything but one SELECT that binds. */
  requireSelect(sql: string, options: QueryOptions): Promise<void> {
    return this.#turn(new Stop(options), async () => {
      if (sql.replace(BLANK, '') === '') throw new MusterError('warehouse_refused', 'The query is empty.')
      const statements = await this.#connection.extractStatements(sql)
      if (statements.count !== 1) throw new MusterError('warehouse_refused', 'A query is one SELECT.')
      const prepared = await statements.prepare(0)
      const { statementType } = prepared
      prepared.destroySync()
      if (statementType === StatementType.SELECT) return
      throw new MusterError('warehouse_refused', `A query is a SELECT, not ${nameOf(statementType)}.`)
    })
  }

  /** Throws where a failed statement has ended the transaction: DuckDB would take its commit for a rollback, and be silent. */
  async requireUnbroken(): Promise<void> {
    if (this.#failed) await this.run('select 1')
  }

  /** All rows of a statement with its columns; of columns that share a name the later ones are numbered. */
  table(sql: string, options: QueryOptions): Promise<ResultTable> {
    return this.#turn(new Stop(options), async () => {
      const result = await this.#connection.run(sql)
      const columns = result.deduplicatedColumnNames().map((name, index) => ({
        name,
        type: typeName(result.columnType(index)),
      }))
      return { columns, rows: await result.convertRowObjects(fromDuckdb) }
    })
  }

  async stage(columns: Readonly<Record<string, ColumnType>>, rows: Iterable<object>): Promise<{ relation: string }> {
    return { relation: await this.#staged((file) => stageRows(file, columns, rows)) }
  }

  async append(
    table: string,
    columns: Readonly<Record<string, ColumnType>>,
    rows: Iterable<readonly Cell[]>,
  ): Promise<number> {
    const relation = await this.#staged((file) => stageCells(file, Object.values(columns), rows))
    const names = Object.keys(columns).map(duckdbDialect.identifier)
    const values = Object.values(columns).map((type, place) =>
      type === 'json' ? `cast(c${place} as json)` : `c${place}`,
    )
    // What returns rows is inserted by one thread. Several would each fill blocks of their own for every column: thrice the work.
    const sql = `insert into ${table} (${names.join(', ')}) select ${values.join(', ')} from ${relation} returning 1`
    return this.#turn(new Stop({}), async () => (await this.#connection.runAndReadAll(sql)).currentRowCount)
  }

  async replace({ kind, schema, name, sql }: Replacement): Promise<void> {
    const place = quoted(duckdbDialect, schema, name)
    const [existing] = await this.query<{ type: string }>(
      'select table_type as type from information_schema.tables where table_schema = $1 and table_name = $2',
      [schema, name],
    )
    const before = existing?.type === 'VIEW' ? 'view' : 'table'
    if (existing && before !== kind) await this.run(`drop ${before} ${place}`)
    await this.run(`create or replace ${kind} ${place} as ${sql}`)
  }

  async readFile(path: string, format: FileFormat, text: readonly string[]): Promise<DataFile> {
    const types = await sniffed(this, readerOf(format)(path, []))
    const columns = [...types.keys()]
    const asText = text.filter((column) => types.has(column))
    const relation = format === 'ndjson' ? readNdjson(path, asText, types) : readerOf(format)(path, asText)
    return { relation, columns }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A transaction that was rolled back took them along.
    for (const table of this.#tables.splice(0)) await this.run(`drop table if exists temp.main.${table}`)
    await Promise.all(this.#files.splice(0).map((file) => rm(file, { force: true })))
  }

  #staged(write: (file: string) => Promise<string>): Promise<string> {
    const file = join(this.#place.staging, this.#place.nextFile())
    this.#files.push(file)
    return write(file)
  }

  #turn<T>(stop: Stop, work: () => Promise<T>): Promise<T> {
    const interruptible = async () => {
      try {
        return await stop.during(work, () => this.#connection.interrupt())
      } catch (error) {
        this.#failed = true
        stop.throwIfStopped()
        throw engineError(error)
      }
    }
    const { turns, priority } = this.#place
    return this.#statements.add(() => turns.add(interruptible, { priority }))
  }
}

const nameOf = (type: StatementType): string => StatementType[type].replaceAll('_', ' ')

function engineError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MusterError) return error
  const words = messageOf(error).replace(/^Failed to extract statements: /, '')
  if (/^(Fatal|INTERNAL)/i.test(words)) return error
  if (/^(IO|Out of Memory|Out of Range Error: failed to pin|Connection) Error/i.test(words)) {
    return new MusterError('warehouse_failed', words, { cause: error })
  }
  return new MusterError('warehouse_refused', words, { cause: error })
}

function compiled(statement: Statement, values: readonly Value[]) {
  if (typeof statement === 'string') return { sql: statement, bindings: values.map(toDuckdb) }
  const { sql, bindings } = statement.toSQL().toNative()
  return { sql, bindings: bindings.map(toDuckdb) }
}
