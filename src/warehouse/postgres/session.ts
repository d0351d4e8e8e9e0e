import PQueue from 'p-queue'
import type pg from 'pg'
import QueryStream from 'pg-query-stream'
import { MusterError } from '../../core/errors.ts'
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
import { cellsOf, copyRows } from './copy.ts'
import { COLUMN_TYPES, postgresDialect } from './dialect.ts'
import { engineError } from './failure.ts'
import { replaceRelation } from './replace.ts'
import { toPostgres, typesFor } from './values.ts'

/** What a session has of its warehouse. */
export interface SessionPlace {
  /** The server process that serves the connection. */
  readonly pid: number
  /** Whether staged rows go by themselves when the transaction ends. */
  readonly inTransaction: boolean
  /** Cancels whatever that process runs now. */
  readonly cancel: (pid: number) => Promise<void>
  readonly readFile: (
    session: PostgresSession,
    path: string,
    format: FileFormat,
    text: readonly string[],
  ) => Promise<DataFile>
}

export interface ResultTable {
  readonly fields: readonly { readonly name: string; readonly type: number; readonly modifier: number }[]
  readonly rows: readonly (readonly unknown[])[]
}

/** What of pg-cursor is used; its own types say `any`. */
interface Cursor<R> {
  read(
    rows: number,
    done: (error: Error | null, rows: R[], result?: { readonly fields: readonly pg.FieldDef[] }) => void,
  ): void
  close(): Promise<void>
}

const STREAM_ROWS = 1000
/** Small ones, of which each is let go at once. */
const INTEGER_ROWS = 10_000

/** Statements on one connection, one after another. */
export class PostgresSession implements Session, AsyncDisposable {
  readonly #client: pg.PoolClient
  readonly #place: SessionPlace
  readonly #staged: string[] = []
  #stages = 0
  /** A copy has the connection to itself. */
  readonly #copies = new PQueue({ concurrency: 1 })
  #streaming: Cursor<unknown> | undefined

  constructor(client: pg.PoolClient, place: SessionPlace) {
    this.#client = client
    this.#place = place
  }

  async query<R extends object = Row>(
    statement: Statement,
    values: readonly Value[] = [],
    options: QueryOptions = {},
  ): Promise<R[]> {
    return (await this.#execute(statement, values, options)).rows as R[] // the caller names the columns it selected
  }

  async run(statement: Statement, values: readonly Value[] = [], options: QueryOptions = {}): Promise<number> {
    return (await this.#execute(statement, values, options)).rowCount ?? 0
  }

  async *stream<R extends object = Row>(
    statement: Statement,
    values: readonly Value[] = [],
    options: QueryOptions = {},
  ): AsyncIterable<readonly R[]> {
    const { sql, bindings } = compiled(statement, values)
    const stop = new Stop(options)
    await this.#endStream()
    const cursor = this.#open<R>(sql, bindings)
    this.#streaming = cursor
    try {
      for (;;) {
        const { rows } = await this.#during(stop, sql, () => read(cursor, STREAM_ROWS))
        if (this.#streaming !== cursor) throw new MusterError('internal', 'Another statement has ended the stream.')
        if (rows.length > 0) yield rows
        if (rows.length < STREAM_ROWS) return
      }
    } finally {
      if (this.#streaming === cursor) await this.#endStream()
    }
  }

  async *integers(sql: string): AsyncIterable<readonly Int32Array[]> {
    const stop = new Stop({})
    await this.#endStream()
    const cursor = this.#open<number[]>(sql, [], 'array')
    this.#streaming = cursor
    try {
      for (;;) {
        const { rows } = await this.#during(stop, sql, () => read(cursor, INTEGER_ROWS))
        if (rows.length > 0) yield columnsOf(rows)
        if (rows.length < INTEGER_ROWS) return
      }
    } finally {
      if (this.#streaming === cursor) await this.#endStream()
    }
  }

  async stageIntegers(columns: Readonly<Record<string, Int32Array>>): Promise<{ relation: string }> {
    const types = Object.fromEntries(Object.keys(columns).map((column) => [column, 'int'] as const))
    const relation = await this.makeStaged(types)
    await this.#copy(relation, types, rowsOf(Object.values(columns)))
    return { relation }
  }

  /** At most so many rows of a single statement, without making the rest. */
  async table(sql: string, rows: number, options: QueryOptions): Promise<ResultTable> {
    const cursor = this.#open<unknown[]>(sql, [], 'array')
    const result = await this.#during(new Stop(options), sql, () => read(cursor, rows))
    await cursor.close()
    const fields = result.fields.map(({ name, dataTypeID: type, dataTypeModifier: modifier }) => ({
      name,
      type,
      modifier,
    }))
    return { fields, rows: result.rows }
  }

  async stage(columns: Readonly<Record<string, ColumnType>>, rows: Iterable<object>): Promise<{ relation: string }> {
    // JSON arrives as text and is cast where it is read, as on every engine.
    const types = Object.entries(columns).map(([column, type]) => [column, type === 'json' ? 'string' : type] as const)
    const relation = await this.makeStaged(Object.fromEntries(types))
    await this.#copy(relation, columns, cellsOf(Object.keys(columns), rows))
    return { relation }
  }

  /** An empty table that is gone at the end of the session. */
  async makeStaged(columns: Readonly<Record<string, ColumnType>>): Promise<string> {
    const relation = `pg_temp.muster_staged_${this.#stages++}`
    const typed = Object.entries(columns).map(
      ([column, type]) => `${postgresDialect.identifier(column)} ${COLUMN_TYPES[type]}`,
    )
    await this.run(
      `create table ${relation} (${typed.join(', ')})${this.#place.inTransaction ? ' on commit drop' : ''}`,
    )
    this.#staged.push(relation)
    return relation
  }

  append(
    table: string,
    columns: Readonly<Record<string, ColumnType>>,
    rows: Iterable<readonly Cell[]>,
  ): Promise<number> {
    return this.#copy(table, columns, rows)
  }

  replace(replacement: Replacement): Promise<void> {
    return replaceRelation(this, replacement)
  }

  readFile(path: string, format: FileFormat, text: readonly string[]): Promise<DataFile> {
    return this.#place.readFile(this, path, format, text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endStream()
    if (this.#place.inTransaction || this.#staged.length === 0) return
    await this.run(`drop table if exists ${this.#staged.join(', ')}`)
  }

  async #copy(
    table: string,
    columns: Readonly<Record<string, ColumnType>>,
    rows: Iterable<readonly unknown[]>,
  ): Promise<number> {
    await this.#endStream()
    const copy = () => this.#during(new Stop({}), '', () => copyRows(this.#client, table, columns, rows))
    return this.#copies.add(copy)
  }

  async #execute(statement: Statement, values: readonly Value[], options: QueryOptions): Promise<pg.QueryResult> {
    const { sql, bindings } = compiled(statement, values)
    await this.#endStream()
    return this.#during(new Stop(options), sql, async () => {
      const query = { text: sql, values: bindings, types: typesFor(bindings) }
      const result: pg.QueryResult | pg.QueryResult[] = await this.#client.query(query)
      return Array.isArray(result) ? (result.at(-1) as pg.QueryResult) : result // of several statements the last counts
    })
  }

  #open<R>(sql: string, bindings: readonly Value[], rowMode?: 'array'): Cursor<R> {
    const types = typesFor([])
    const stream = new QueryStream(sql, [...bindings], { types, ...(rowMode && { rowMode }) })
    return this.#client.query(stream).cursor
  }

  async #endStream(): Promise<void> {
    const cursor = this.#streaming
    this.#streaming = undefined
    await cursor?.close()
  }

  async #during<T>(stop: Stop, sql: string, work: () => Promise<T>): Promise<T> {
    let cancelling: Promise<void> | undefined
    const cancel = () => {
      cancelling ??= this.#cancel().finally(() => {
        cancelling = undefined
      })
    }
    try {
      return await stop.during(work, cancel)
    } catch (error) {
      stop.throwIfStopped()
      throw engineError(error, sql)
    } finally {
      // One that arrives later would hit the next statement.
      await cancelling
    }
  }

  /** Where the server cannot be told, the connection ends; the server notices that in its own time. */
  async #cancel(): Promise<void> {
    try {
      await this.#place.cancel(this.#place.pid)
    } catch {
      this.#client.connection.stream.destroy()
    }
  }
}

function read<R>(cursor: Cursor<R>, rows: number): Promise<{ rows: R[]; fields: readonly pg.FieldDef[] }> {
  return new Promise((resolve, reject) => {
    cursor.read(rows, (error, got, result) => {
      if (error) reject(error)
      else resolve({ rows: got, fields: result?.fields ?? [] })
    })
  })
}

function columnsOf(rows: readonly (readonly number[])[]): readonly Int32Array[] {
  const width = rows[0]?.length ?? 0
  return Array.from({ length: width }, (_, column) => Int32Array.from(rows, (row) => row[column] ?? 0))
}

/** The rows of columns that are equally long; the array is the same each time. */
function* rowsOf(columns: readonly Int32Array[]): Generator<readonly number[]> {
  const cells: number[] = []
  for (let row = 0; row < (columns[0]?.length ?? 0); row++) {
    for (let place = 0; place < columns.length; place++) cells[place] = columns[place]?.[row] ?? 0
    yield cells
  }
}

function compiled(statement: Statement, values: readonly Value[]) {
  if (typeof statement === 'string') return { sql: statement, bindings: values.map(toPostgres) }
  const { sql, bindings } = statement.toSQL().toNative()
  return { sql, bindings: bindings.map(toPostgres) }
}
