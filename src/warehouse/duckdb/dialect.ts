import type { Dialect } from '../dialect.ts'
import type { ColumnType } from '../warehouse.ts'

const COLUMN_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  int: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  datetime: 'TIMESTAMPTZ',
  date: 'DATE',
  json: 'JSON',
  other: 'VARCHAR',
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

export const duckdbDialect: Dialect = {
  engine: 'duckdb',
  mainSchema: 'main',
  identifier: (name) => `"${name.replaceAll('"', '""')}"`,
  text,
  timestamp: (instant) => `timestamptz '${instant.toISOString()}'`,
  sha256: (expression) => `sha256(${expression})`,
  md5: (expression) => `md5(${expression})`,
  checksum: (expressions) => `cast(sum(cast(hash(${expressions.join(', ')}) as hugeint)) as varchar)`,
  replaceAll: (expression, pattern, replacement) =>
    `regexp_replace(${expression}, ${text(pattern)}, ${text(replacement)}, 'g')`,
  matches: (expression, pattern) => `regexp_matches(${expression}, ${text(pattern)})`,
  columnType: (type) => COLUMN_TYPES[type],
  tryCast: (expression, type) => `try_cast(${expression} as ${COLUMN_TYPES[type]})`,
  jsonObject: (fields) =>
    `cast(json_object(${Object.entries(fields)
      .flatMap(([key, expression]) => [text(key), expression])
      .join(', ')}) as varchar)`,
  minBy: (value, order, condition) => `min_by(${value}, ${order}) filter (where ${condition})`,
  last: (value, orders, condition) => `last(${value} order by ${orders.join(', ')}) filter (where ${condition})`,
  byBytes: (expression) => expression,
  lookUps: () => [],
  rowRoom: () => undefined,
}
