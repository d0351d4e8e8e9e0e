/**
 * The shape of event tables: which columns a table has, which a batch needs, and the changes between the two.
 */
import type { EventRow } from '../event/index.ts'
import { quoted } from './names.ts'
import type { ColumnType, Warehouse } from './warehouse.ts'

export type Columns = ReadonlyMap<string, ColumnType>

/** Columns of Muster's own in every event table. */
export const OWN_COLUMNS: Columns = new Map(
  Object.entries({
    /** Number of the load that wrote the row. */
    _load: 'int',
    /** Position in the log, or the line of an import: the last resort of "which came first". */
    _position: 'int',
    /** The identifier that owns the row. */
    _identifier: 'int',
  } as const),
)

/** Adds the columns of a row; the first type of a column stays, but whole numbers widen to floats. */
export function addColumns(columns: Map<string, ColumnType>, values: EventRow['values']): void {
  for (const column in values) {
    const type = values[column]?.type
    const known = columns.get(column)
    if (type !== undefined && known !== type) columns.set(column, widened(known, type))
  }
}

/** The columns a table needs: those it has, as wide as the rows ask, those they bring, and Muster's own. */
export function neededColumns(existing: Columns | undefined, brought: Columns): Columns {
  const needed = new Map(existing)
  for (const [column, type] of OWN_COLUMNS) if (!needed.has(column)) needed.set(column, type)
  for (const [column, type] of brought) needed.set(column, widened(needed.get(column), type))
  return needed
}

function widened(existing: ColumnType | undefined, type: ColumnType): ColumnType {
  if (existing === undefined) return type
  return existing === 'int' && type === 'float' ? 'float' : existing
}

export interface TableShape {
  readonly schema: string
  readonly table: string
  readonly existing: Columns | undefined
  readonly needed: Columns
}

/** The statements that turn `existing` into `needed`; none when nothing is missing. */
export function schemaChanges(
  { dialect }: Warehouse,
  { schema, table, existing, needed }: TableShape,
): readonly string[] {
  const name = quoted(dialect, schema, table)
  const typed = (column: string, type: ColumnType) => `${dialect.identifier(column)} ${dialect.columnType(type)}`
  if (existing === undefined) {
    const columns = [...needed].map(([column, type]) => typed(column, type))
    return [`create schema if not exists ${dialect.identifier(schema)}`, `create table ${name} (${columns.join(', ')})`]
  }
  const changes: string[] = []
  for (const [column, type] of needed) {
    const has = existing.get(column)
    if (has === undefined) changes.push(`alter table ${name} add column ${typed(column, type)}`)
    else if (has !== type) {
      changes.push(`alter table ${name} alter column ${dialect.identifier(column)} type ${dialect.columnType(type)}`)
    }
  }
  return changes
}
