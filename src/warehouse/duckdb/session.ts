import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import type PQueue from 'p-queue'
import { MusterError, messageOf } from '../../core/errors.ts'
import type { ColumnType, QueryOptions, Row, Session, Statement, Value } from '../warehouse.ts'
import { duckdbDialect } from './dialect.ts'
import { fromDuckdb, toDuckdb } from './values.ts'

/** How a session takes part in the instance: its turn among all statements, and where it may write rows. */
export interface SessionPlace {
  readonly turns: PQueue
  readonly priority: number
  readonly staging: string
  readonly nextFile: () => string
}

const ROWS_PER_WRITE = 500

/** Statements on one DuckDB connection, each waiting for its turn among the instance's. */
export class DuckdbSession implements Session, AsyncDisposable {
  readonly #connection: DuckDBConnection
  readonly #place: SessionPlace
  readonly #files: string[] = []

  constructor(connection: DuckDBConnection, place: SessionPlace) {
    this.#connection = connection
    this.#place = place
  }

  async query<R extends object = Row>(
    statement: Statement,
    values: readonly Value[] = [],
    options: QueryOptions = {},
  ): Promise<R[]> {
    const { sql, bindings } = compiled(statement, values)
    return this.#turn(options, async () => {
      const result = await this.#connection.run(sql, bindings)
      return (await result.convertRowObjects(fromDuckdb)) as R[] // the caller names the columns it selected
    })
  }

  async run(statement: Statement, values: readonly Value[] = [], options: QueryOptions = {}): Promise<number> {
    const { sql, bindings } = compiled(statement, values)
    return this.#turn(options, async () => (await this.#connection.run(sql, bindings)).rowsChanged)
  }

  async *stream<R extends object = Row>(
    statement: Statement,
    values: readonly Value[] = [],
    options: QueryOptions = {},
  ): AsyncIterable<readonly R[]> {
    const { sql, bindings } = compiled(statement, values)
    const result = await this.#turn(options, () => this.#connection.stream(sql, bindings))
    for await (const rows of result.yieldConvertedRowObjects(fromDuckdb)) {
      options.signal?.throwIfAborted()
      yield rows as R[] // the caller names the columns it selected
    }
  }

  async stage(columns: Readonly<Record<string, ColumnType>>, rows: Iterable<object>): Promise<{ relation: string }> {
    const file = join(this.#place.staging, this.#place.nextFile())
    this.#files.push(file)
    await pipeline(Readable.from(lines(rows), { objectMode: true }), createWriteStream(file))
    const types = Object.entries(columns).map(([name, type]) => {
      // JSON arrives as text and is cast where it is read, so that a JSON string stays the text it holds.
      const engineType = duckdbDialect.columnType(type === 'json' ? 'string' : type)
      return `${duckdbDialect.text(name)}: '${engineType}'`
    })
    return {
      relation: `read_json(${duckdbDialect.text(file)}, format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = 67108864)`,
    }
  }

  /** Stops the statement under way; it fails with an interrupt. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#files.splice(0).map((file) => rm(file, { force: true })))
  }

  async #turn<T>({ signal, timeoutMs }: QueryOptions, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
    const stops = [signal, timeout].filter((stop) => stop !== undefined)
    const stop = stops.length > 0 ? AbortSignal.any(stops) : undefined
    return this.#place.turns.add(
      async () => {
        stop?.throwIfAborted()
        const interrupt = () => this.#connection.interrupt()
        stop?.addEventListener('abort', interrupt)
        try {
          return await work()
        } catch (error) {
          if (signal?.aborted) throw signal.reason
          if (timeout?.aborted) {
            throw new MusterError('query_timeout', `The query ran longer than ${timeoutMs} ms and was cancelled.`)
          }
          throw engineError(error)
        } finally {
          stop?.removeEventListener('abort', interrupt)
        }
      },
      { priority: this.#place.priority },
    )
  }
}

function engineError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (/^(Fatal|INTERNAL)/.test(error.message)) return error
  return new MusterError('warehouse_refused', messageOf(error), { cause: error })
}

function compiled(statement: Statement, values: readonly Value[]) {
  if (typeof statement === 'string') return { sql: statement, bindings: values.map(toDuckdb) }
  const { sql, bindings } = statement.toSQL().toNative()
  return { sql, bindings: bindings.map(toDuckdb) }
}

function* lines(rows: Iterable<object>): Generator<string> {
  let text = ''
  let count = 0
  for (const row of rows) {
    text += `${JSON.stringify(row)}\n`
    count += 1
    if (count % ROWS_PER_WRITE === 0) {
      yield text
      text = ''
    }
  }
  // An empty file is still a file: read_json must find one.
  yield text
}
