import type { Cell, ColumnType } from './warehouse.ts'

/** How much more a row can hold, while it is filled. */
export interface RowRoom {
  /** Whether the row takes one more value, which then is in it. */
  takes(type: ColumnType, value: Cell): boolean
}

/**
 * What differs between engines in SQL text. Every method takes and gives SQL expressions (never values),
 * except `text`, `identifier` and `timestamp`, which quote.
 */
export interface Dialect {
  readonly engine: 'duckdb' | 'postgres'
  /** The schema that a name without one is looked for in. */
  readonly mainSchema: string
  /** A quoted identifier. */
  identifier(name: string): string
  /** A text literal. */
  text(value: string): string
  /** A `timestamptz` literal of the instant, to the microsecond of its milliseconds. */
  timestamp(instant: Date): string
  /** SHA-256 of the UTF-8 text, 64 lower-case hex digits. */
  sha256(expression: string): string
  /** MD5 of the UTF-8 text, 32 lower-case hex digits. */
  md5(expression: string): string
  /** An aggregate: a number that is another, as good as surely, where the rows' texts are others, in whatever order. */
  checksum(expressions: readonly string[]): string
  /** Every match of `pattern` (a literal; the common subset of RE2 and POSIX) replaced by `replacement`. */
  replaceAll(expression: string, pattern: string, replacement: string): string
  /** Whether the text matches `pattern` somewhere; anchor with ^ and $. */
  matches(expression: string, pattern: string): string
  /** The engine's name of a column type. */
  columnType(type: ColumnType): string
  /** The value, or null where the text cannot be read as that type. */
  tryCast(expression: string, type: ColumnType): string
  /** A JSON object, as text, of these keys and text expressions; nulls stay. */
  jsonObject(fields: Readonly<Record<string, string>>): string
  /** An aggregate: `value` where `order` is least, among the rows of the condition. */
  minBy(value: string, order: string, condition: string): string
  /** An aggregate: the last `value` in this order, among the rows of the condition. */
  last(value: string, orders: readonly string[], condition: string): string
  /** A text expression to order by its bytes, whatever language the database is in. */
  byBytes(expression: string): string
  /** Statements that make finding rows of a quoted table by the value of a column fast, where the engine needs it. */
  lookUps(table: string, columns: readonly string[]): readonly string[]
  /** The room of an empty row; undefined where rows have no bound. Rows of 300 values always fit. */
  rowRoom(): RowRoom | undefined
}
