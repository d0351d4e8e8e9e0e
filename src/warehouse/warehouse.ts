/**
 * Warehouse: where all tables live. Everything else is written against this interface; each engine implements it.
 *
 * session      one connection: statements run one after another
 * transaction  a session whose statements commit together or not at all
 * lane         writers of the same lane take turns; different lanes touch different tables
 * staged rows  rows written where the engine can read them set-wise, gone at the end of the session
 */
import type { Dialect } from './dialect.ts'

export type Value = string | number | bigint | boolean | Date | null
/** One value of a row on its way in; undefined is null. */
export type Cell = string | number | boolean | null | undefined
export type Row = Record<string, unknown>

/** The engine-neutral types of columns. */
export type ColumnType = 'string' | 'int' | 'float' | 'boolean' | 'datetime' | 'date' | 'json' | 'other'

/** SQL text with its values, or a knex builder. */
export type Statement = string | { toSQL(): { toNative(): { sql: string; bindings: readonly unknown[] } } }

/** Who writes: loads go before everything else, builds (models, audiences) after state. */
export type Lane = 'load' | 'state' | 'build'

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined
  /** The statement is cancelled after so many milliseconds, with `query_timeout`. */
  readonly timeoutMs?: number
}

/** How the rows of a data file are written. */
export type FileFormat = 'csv' | 'parquet' | 'ndjson'

export interface DataFile {
  /** SQL after FROM, until the session ends. */
  readonly relation: string
  readonly columns: readonly string[]
}

/** A table or view made of a SELECT. */
export interface Replacement {
  readonly kind: 'table' | 'view'
  /** Physical; it exists. */
  readonly schema: string
  readonly name: string
  readonly sql: string
}

export interface Session {
  /** All rows of a statement. Integers beyond 2^53 come as strings, instants as Date, dates as `YYYY-MM-DD`, what JSON has no value for as text. */
  query<R extends object = Row>(statement: Statement, values?: readonly Value[], options?: QueryOptions): Promise<R[]>
  /** Runs a statement; gives the number of rows it changed. */
  run(statement: Statement, values?: readonly Value[], options?: QueryOptions): Promise<number>
  /** Rows in batches, read as they are asked for. Other statements of the session end it early. */
  stream<R extends object = Row>(
    statement: Statement,
    values?: readonly Value[],
    options?: QueryOptions,
  ): AsyncIterable<readonly R[]>
  /**
   * The rows of a SELECT whose columns are whole numbers of 32 bits and never null, column by column: an array a column,
   * in batches, good until the next is asked for. Other statements of the session end it early.
   */
  integers(sql: string): AsyncIterable<readonly Int32Array[]>
  /** As `stage`, for columns of whole numbers of 32 bits, all as long as each other. */
  stageIntegers(columns: Readonly<Record<string, Int32Array>>): Promise<{ readonly relation: string }>
  /** Makes rows readable by SQL; `relation` may stand after FROM until the session ends. */
  stage(columns: Readonly<Record<string, ColumnType>>, rows: Iterable<object>): Promise<{ readonly relation: string }>
  /**
   * Puts rows into these columns of a table (quoted name), the engine's fastest way; gives their number. A row is its cells
   * in the order of the columns, instants as ISO text, JSON as its text; the array may be used again once the next is asked for.
   */
  append(table: string, columns: Readonly<Record<string, ColumnType>>, rows: Iterable<readonly Cell[]>): Promise<number>
  /**
   * Puts a table or view in place of whatever bears its name, within a transaction: others see the old one until it
   * commits, and rights on it stay. Throws `column_in_use` where a view that is not Muster's does not bear the change.
   */
  replace(replacement: Replacement): Promise<void>
  /** Makes a data file of the project's `data/` readable; columns in `text` are text, however they look. */
  readFile(path: string, format: FileFormat, text: readonly string[]): Promise<DataFile>
}

export interface UserQueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly Row[]
  /** More rows existed than were asked for. */
  readonly truncated: boolean
}

export interface Compaction {
  /** Files of Muster's own in which one of the needles still stands; an engine that keeps no files of ours knows none. */
  readonly traces: readonly string[]
}

export interface Warehouse extends AsyncDisposable {
  readonly dialect: Dialect
  /** Shows what the tables are: `schema.table` → column → type. Absent schema: all. */
  columns(schema?: string): Promise<ReadonlyMap<string, ReadonlyMap<string, ColumnType>>>
  /** Statements outside a transaction. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(lane: Lane, work: (session: Session) => Promise<T>): Promise<T>
  /**
   * Commits schema changes, together or not at all, in the load lane. Waits briefly for locks and tries again,
   * then throws `warehouse_busy`. Views of Muster's own that stand in the way of a retyped column (`alter table "s"."t" alter
   * column "c" type …`) are made anew; `column_in_use` names one that is not, and nothing is changed.
   */
  define(statements: readonly string[]): Promise<void>
  /** A user's SELECT: read-only whatever it says, limited in rows and time. */
  userQuery(sql: string, options: QueryOptions & { readonly maxRows: number }): Promise<UserQueryResult>
  /**
   * Gives deleted rows up for good: afterwards nothing of them is left in what the engine stores. Sessions that begin
   * meanwhile wait. `needles` are texts that may not be found there any more; absent: nobody knows them.
   * Throws `warehouse_failed`.
   */
  compact(needles?: readonly string[]): Promise<Compaction>
  /**
   * Copies all it holds, as of one instant, into a new file and makes it durable; false where the engine's own tools do that.
   * Sessions that begin meanwhile wait. Throws `warehouse_failed`.
   */
  copyTo(file: string): Promise<boolean>
}
