/**
 * The shape of event tables: which columns a table has, which a batch needs, and the changes between the two.
 */
import type { EventRow } from '../event/index.ts'
import type { ColumnType, Session, Warehouse } from './warehouse.ts'

export type Columns = ReadonlyMap<string, ColumnType>

/** Columns of Muster's own in every event table. */
export const OWN_COLUMNS: Readonly<Record<string, ColumnType>> = {
  /** Number of the load that wrote the row. */
  _load: 'int',
  /** Position in the log, or the line of an import: the last resort of "which came first". */
  _position: 'int',
  /** The identifier that owns the row. */
  _identifier: 'int',
}

/** The type a column needs so that a further value fits: whole numbers widen to floats, else the first type stays. */
function widened(existing: ColumnType | undefined, type: ColumnType): ColumnType {
  if (existing === undefined) return type
  return existing === 'int' && type === 'float' ? 'float' : existing
}

/** What a table needs to take rows: the columns it has, those the rows bring, and Muster's own. */
export function neededColumns(existing: Columns | undefined, rows: Iterable<EventRow>): Columns {
  const needed = new Map<string, ColumnType>(existing ?? Object.entries(OWN_COLUMNS))
  for (const { values } of rows) {
    for (const [column, { type }] of Object.entries(values)) needed.set(column, widened(needed.get(column), type))
  }
  return needed
}

/** The statements that turn `existing` into `needed`; none when nothing is missing. */
export function schemaChanges(
  { dialect }: Warehouse,
  {
    schema,
    table,
    existing,
    needed,
  }: { schema: string; table: string; existing: Columns | undefined; needed: Columns },
): readonly string[] {
  const name = `${dialect.identifier(schema)}.${dialect.identifier(table)}`
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

/** Runs schema changes, each committed by itself, before the load's transaction. */
export async function applyChanges(session: Session, changes: readonly string[]): Promise<void> {
  for (const change of changes) await session.run(change)
}
