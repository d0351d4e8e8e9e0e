/**
 * Sources of identifiers: the tables whose rows name people and accounts, and the columns that do.
 */
import { schemaName } from '../event/index.ts'
import type { IdentitySettings, SourceTable } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import { PRIMARY_TABLES } from '../warehouse/event-schema.ts'
import { quoted } from '../warehouse/names.ts'
import type { ColumnType } from '../warehouse/warehouse.ts'

export interface IdentifierColumn {
  readonly type: string
  /** SQL, within the table. */
  readonly expression: string
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

/** What every event has. */
const STANDARD = ['user_id', 'anonymous_id']

export interface SourcesInput {
  readonly dialect: Dialect
  readonly settings: IdentitySettings
  readonly tables: TableColumns
}

/** Event tables of these event sources that exist, and the columns of each that name somebody. */
export function eventSources(input: SourcesInput, sources: readonly string[]): readonly IdentifierSource[] {
  const { dialect, settings, tables } = input
  return sources.flatMap((source) => {
    const schema = schemaName(source)
    return [...new Set([...PRIMARY_TABLES, ...Object.keys(settings.events)])].flatMap((table): IdentifierSource[] => {
      const columns = tables.get(`${schema}.${table}`)
      if (!columns?.has('_load')) return []
      const found = eventColumns(input, table, columns)
      return [{ name: `${schema}.${table}`, table: quoted(dialect, schema, table), columns: found, kind: 'events' }]
    })
  })
}

function eventColumns(
  { dialect, settings }: SourcesInput,
  table: string,
  columns: ReadonlyMap<string, ColumnType>,
): readonly IdentifierColumn[] {
  const types = settings.types.map(({ name }) => name)
  if (table === 'merges') return types.flatMap((type) => mergedColumns(dialect, type, columns))
  const named = settings.events[table] ?? {}
  return types.flatMap((type) => {
    // What an identify says of somebody may be called as the type is; elsewhere only what every event has.
    const usual = STANDARD.includes(type) || table === 'identifies' || (table === 'groups' && type === 'group_id')
    const column = named[type] ?? (usual ? type : undefined)
    const found = column !== undefined && columns.has(column) ? [column] : []
    // An alias says who somebody was before.
    if (table === 'aliases' && type === 'anonymous_id' && columns.has('previous_id')) found.push('previous_id')
    return found.map((name) => ({ type, expression: dialect.identifier(name) }))
  })
}

/** A merge names two identifiers, each by its type, which may be the same. */
function mergedColumns(
  { text }: Dialect,
  type: string,
  columns: ReadonlyMap<string, ColumnType>,
): readonly IdentifierColumn[] {
  return [1, 2].flatMap((place) => {
    const [kind, value] = [`merge_property_${place}_type`, `merge_property_${place}_value`]
    if (!columns.has(kind) || !columns.has(value)) return []
    return [{ type, expression: `case when ${kind} = ${text(type)} then ${value} end` }]
  })
}

/** Source tables that carry identifiers and exist. */
export function tableSources(input: SourcesInput, sourceTables: readonly SourceTable[]): readonly IdentifierSource[] {
  const { dialect, settings, tables } = input
  return sourceTables.flatMap(({ schema, name, identifiers }) => {
    const columns = tables.get(`${schema}.${name}`)
    const found = settings.types.flatMap(({ name: type }) => {
      const column = identifiers[type]
      return column !== undefined && columns?.has(column) ? [{ type, expression: dialect.identifier(column) }] : []
    })
    if (found.length === 0) return []
    return [{ name: `${schema}.${name}`, table: quoted(dialect, schema, name), columns: found, kind: 'table' }]
  })
}

/** A source that holds nothing: what was known of it goes. */
export function nothingOf(name: string): IdentifierSource {
  const columns = [{ type: '', expression: 'c' }]
  return { name, table: '(select cast(null as varchar) as c where false) e', columns, kind: 'table' }
}
