import { randomBytes } from 'node:crypto'
import { MusterError } from '../../core/errors.ts'
import type { Dialect } from '../dialect.ts'
import type { ColumnType } from '../warehouse.ts'
import { PostgresRowRoom } from './row-room.ts'
import { tryCast } from './try-cast.ts'

/** One type of floats, the widest: what DuckDB calculates with as well. */
export const COLUMN_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'text',
  int: 'bigint',
  float: 'double precision',
  boolean: 'boolean',
  datetime: 'timestamptz',
  date: 'date',
  json: 'jsonb',
  other: 'text',
}

/** Postgres cuts longer names off without a word, so that two of them become one. */
const MAX_NAME_BYTES = 63

function identifier(name: string): string {
  if (name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new MusterError('warehouse_refused', `The name "${name}" is longer than the 63 bytes that Postgres takes.`)
  }
  return `"${name.replaceAll('"', '""')}"`
}

/** Sessions read backslashes in literals as they are: `standard_conforming_strings` is on. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

const filter = (condition: string): string => ` filter (where ${condition})`

/**
 * Indexes share their names with the tables of a schema: a dot is in no event's name. By chance, since tables keep their indexes when
 * somebody renames them.
 */
function indexName(table: string, column: string): string {
  const [, name = ''] = /"([^"]+)"$/.exec(table) ?? []
  const end = `.${column}.${randomBytes(4).toString('hex')}`
  return identifier(name.slice(0, MAX_NAME_BYTES - end.length) + end)
}

export const postgresDialect: Dialect = {
  engine: 'postgres',
  mainSchema: 'public',
  identifier,
  text,
  timestamp: (instant) => `timestamptz '${instant.toISOString()}'`,
  sha256: (expression) => `encode(sha256(convert_to(${expression}, 'UTF8')), 'hex')`,
  md5: (expression) => `md5(${expression})`,
  checksum: (expressions) => {
    const texts = expressions.map((expression) => `coalesce(cast(${expression} as text), chr(30))`)
    return `cast(sum(cast(hashtextextended(concat_ws(chr(31), ${texts.join(', ')}), 0) as numeric)) as text)`
  },
  replaceAll: (expression, pattern, replacement) =>
    `regexp_replace(${expression}, ${text(pattern)}, ${text(replacement)}, 'g')`,
  matches: (expression, pattern) => `${expression} ~ ${text(pattern)}`,
  columnType: (type) => COLUMN_TYPES[type],
  tryCast: (expression, type) => tryCast(expression, type),
  jsonObject: (fields) => {
    const members = Object.entries(fields).map(
      ([key, expression]) =>
        `${text(`${JSON.stringify(key)}:`)} || coalesce(to_json(cast(${expression} as text))::text, 'null')`,
    )
    return members.length === 0 ? `'{}'` : `'{' || ${members.join(` || ',' || `)} || '}'`
  },
  minBy: (value, order, condition) => `(array_agg(${value} order by ${order})${filter(condition)})[1]`,
  last: (value, orders, condition) => {
    const backwards = orders.map((order) => `${order} desc nulls last`).join(', ')
    return `(array_agg(${value} order by ${backwards})${filter(condition)})[1]`
  },
  byBytes: (expression) => `${expression} collate "C"`,
  lookUps: (table, columns) =>
    columns.map((column) => `create index ${indexName(table, column)} on ${table} using hash (${identifier(column)})`),
  rowRoom: () => new PostgresRowRoom(),
}
