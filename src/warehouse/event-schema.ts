/**
 * The shape of event tables: which columns a table has, which a batch needs, and the changes between the two.
 */
import type { RowShape } from '../event/index.ts'
import type { Dialect } from './dialect.ts'
import { quoted } from './names.ts'
import type { ColumnType } from './warehouse.ts'

export type Columns = ReadonlyMap<string, ColumnType>

/** Columns of Muster's own in every event table. */
const OWN_COLUMNS: Columns = new Map(
  Object.entries({
    /** Number of the load that wrote the row. */
    _load: 'int',
    /** Position in the log, or the line of an import: the last resort of "which came first". */
    _position: 'int',
    /** The identifier that owns the row. */
    _identifier: 'int',
    /** When the row was loaded, as RudderStack calls it: incremental models filter on it. */
    uuid_ts: 'datetime',
  } as const),
)

/** Without these, of these types, an event table cannot be written: they say which event a row is, when it came and whose it is. */
const KEY_COLUMNS: Columns = new Map<string, ColumnType>([
  ['id', 'string'],
  ['timestamp', 'datetime'],
  ['received_at', 'datetime'],
  ['_load', 'int'],
  ['_position', 'int'],
  ['_identifier', 'int'],
])

/** Tables that hold every event of their type once; together they know each message id of a source. */
export const PRIMARY_TABLES: readonly string[] = [
  'tracks',
  'identifies',
  'pages',
  'screens',
  'groups',
  'aliases',
  'merges',
]

/** Tables whose rows are not events: made from events, and without Muster's own columns. */
export const DERIVED_TABLES: ReadonlySet<string> = new Set(['users', 'discards'])

/** Postgres has room for 1,600 columns, dropped ones included; every engine stops before, so that a project means the same tables everywhere. */
const MAX_COLUMNS = 1500
export const MAX_TABLES = 5000

/** What rows bring. */
export interface Brought {
  /** Each column with the type of its first value, but whole numbers widen to floats. */
  readonly columns: Columns
  /** Columns of which some value is a float, whatever the first was: the column a table has already widens for it. */
  readonly floats: ReadonlySet<string>
}

export interface GrowingColumns extends Brought {
  readonly columns: Map<string, ColumnType>
  readonly floats: Set<string>
}

/** Adds the columns of rows of a shape. */
export function addColumns({ columns, floats }: GrowingColumns, shape: RowShape): void {
  for (let place = 0; place < shape.size; place++) {
    const column = shape.column(place)
    const type = shape.type(place)
    const known = columns.get(column)
    if (known === type) continue
    if (type === 'float') floats.add(column)
    columns.set(column, widened(known, type))
  }
}

/** Whether a table with these columns is an event table: a person's own lacks what the loader writes. */
export function isOfMuster(columns: Columns): boolean {
  return ['_load', '_position', '_identifier'].every((column) => columns.has(column))
}

/** Muster's own columns of a table. */
export function ownColumns(table: string): Columns {
  return DERIVED_TABLES.has(table) ? new Map() : OWN_COLUMNS
}

export interface Needed {
  /** The columns the table has, as wide as the rows ask, those they bring, and Muster's own. */
  readonly columns: Columns
  /** Those the table has no room for. */
  readonly left: ReadonlySet<string>
}

export function neededColumns(table: string, existing: Columns | undefined, brought: Brought): Needed {
  const columns = new Map(existing)
  const left = new Set<string>()
  for (const [column, type] of ownColumns(table)) if (!columns.has(column)) columns.set(column, type)
  for (const [column, type] of brought.columns) {
    const has = columns.get(column)
    if (has !== undefined) columns.set(column, widened(has, brought.floats.has(column) ? 'float' : type))
    else if (columns.size < MAX_COLUMNS) columns.set(column, type)
    else left.add(column)
  }
  return { columns, left }
}

export const COLUMN_CAP = `the table has ${MAX_COLUMNS} columns already`
export const TABLE_CAP = `the source has ${MAX_TABLES} tables already`

function widened(existing: ColumnType | undefined, type: ColumnType): ColumnType {
  if (existing === undefined) return type
  return existing === 'int' && type === 'float' ? 'float' : existing
}

/** Why an existing table cannot hold events: somebody dropped or altered a column that it cannot do without. */
export function unfit(table: string, existing: Columns): string | undefined {
  if (DERIVED_TABLES.has(table)) return undefined
  for (const [column, type] of KEY_COLUMNS) {
    const has = existing.get(column)
    if (has === undefined) return `the column ${column} is missing; add it again as ${type}, or rename the table`
    if (has !== type) return `the column ${column} must be ${type} and is ${has}; alter it, or rename the table`
  }
  return undefined
}

export interface TableShape {
  readonly schema: string
  readonly table: string
  readonly existing: Columns | undefined
  readonly needed: Columns
}

/** The statements that make the table or add what it lacks; none when nothing is missing. */
export function additions(dialect: Dialect, { schema, table, existing, needed }: TableShape): readonly string[] {
  const name = quoted(dialect, schema, table)
  const typed = (column: string, type: ColumnType) => `${dialect.identifier(column)} ${dialect.columnType(type)}`
  if (existing === undefined) {
    const columns = [...needed].map(([column, type]) => typed(column, type))
    return [
      `create schema if not exists ${dialect.identifier(schema)}`,
      `create table ${name} (${columns.join(', ')})`,
      ...(needed.has('id') ? dialect.lookUps(name, ['id']) : []),
    ]
  }
  return [...needed]
    .filter(([column]) => !existing.has(column))
    .map(([column, type]) => `alter table ${name} add column ${typed(column, type)}`)
}

export interface Retyping {
  readonly column: string
  readonly type: ColumnType
  readonly statement: string
}

/** The columns that must change their type, each with the statement that does it. */
export function retypings(dialect: Dialect, { schema, table, existing, needed }: TableShape): readonly Retyping[] {
  const name = quoted(dialect, schema, table)
  return [...needed]
    .filter(([column, type]) => existing?.has(column) && existing.get(column) !== type)
    .map(([column, type]) => ({
      column,
      type,
      statement: `alter table ${name} alter column ${dialect.identifier(column)} type ${dialect.columnType(type)}`,
    }))
}
