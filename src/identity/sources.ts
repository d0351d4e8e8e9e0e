/**
 * Sources of identifiers: the tables whose rows name people, and the columns that do.
 */
import { schemaName } from '../event/index.ts'
import type { SourceTable } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import { PRIMARY_TABLES } from '../warehouse/event-schema.ts'
import { quoted } from '../warehouse/names.ts'
import type { ColumnType } from '../warehouse/warehouse.ts'

export interface IdentifierColumn {
  readonly type: string
  readonly column: string
}

export interface IdentifierSource {
  /** `web.tracks`, `billing.customers`. */
  readonly name: string
  /** Quoted, for SQL. */
  readonly table: string
  /** Strongest type first. */
  readonly columns: readonly IdentifierColumn[]
  /** Event tables grow by loads and tell when; source tables are read whole, as they are. */
  readonly kind: 'events' | 'table'
}

export type TableColumns = ReadonlyMap<string, ReadonlyMap<string, ColumnType>>

/** The types of identifiers a project knows, strongest first: those of `identity.priority`, then the rest as they appear. */
export function identifierTypes(priority: readonly string[], sourceTables: readonly SourceTable[]): readonly string[] {
  return [...new Set([...priority, ...sourceTables.flatMap((table) => Object.keys(table.identifiers))])]
}

/** Event tables of these event sources that exist. */
export function eventSources(
  dialect: Dialect,
  sources: readonly string[],
  types: readonly string[],
  tables: TableColumns,
): readonly IdentifierSource[] {
  return sources.flatMap((source) =>
    PRIMARY_TABLES.flatMap((table) => {
      const schema = schemaName(source)
      const columns = tables.get(`${schema}.${table}`)
      if (!columns) return []
      const found = types.filter((type) => columns.has(type) && (standard(type) || table === 'identifies'))
      const identifiers = found.map((type) => ({ type, column: type }))
      if (table === 'aliases') identifiers.push({ type: 'anonymous_id', column: 'previous_id' })
      return [
        { name: `${schema}.${table}`, table: quoted(dialect, schema, table), columns: identifiers, kind: 'events' },
      ]
    }),
  )
}

/** Source tables that carry identifiers and exist. */
export function tableSources(
  dialect: Dialect,
  sourceTables: readonly SourceTable[],
  types: readonly string[],
  tables: TableColumns,
): readonly IdentifierSource[] {
  return sourceTables.flatMap(({ schema, name, identifiers }) => {
    const columns = tables.get(`${schema}.${name}`)
    const found = types.flatMap((type) => {
      const column = identifiers[type]
      return column !== undefined && columns?.has(column) ? [{ type, column }] : []
    })
    if (found.length === 0) return []
    return [{ name: `${schema}.${name}`, table: quoted(dialect, schema, name), columns: found, kind: 'table' }]
  })
}

function standard(type: string): boolean {
  return type === 'user_id' || type === 'anonymous_id'
}
