/**
 * Stitched tables: views that join event and source tables to profiles, so that analysts never think of identity.
 */
import { schemaName } from '../event/index.ts'
import type { SourceTable } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import { type Names, quoted } from '../warehouse/names.ts'
import type { ColumnType } from '../warehouse/warehouse.ts'
import type { Normaliser } from './identifiers.ts'
import type { TableColumns } from './sources.ts'

export interface StitchedView {
  /** The table in schema `stitched`. */
  readonly name: string
  readonly sql: string
}

export interface RunWindow {
  readonly asOf: Date
  /** Rows of later loads are not seen. */
  readonly load: number
}

/** Muster's own columns, and the tables of a source that hold no events. */
const OWN = new Set(['_load', '_position', '_identifier'])
const NOT_EVENTS = new Set(['users', 'discards'])

/** The condition on an event table's rows that a run may see. */
export function seenBy(dialect: Dialect, { asOf, load }: RunWindow, alias: string): string {
  return `${alias}."timestamp" <= ${dialect.timestamp(asOf)} and ${alias}._load <= ${load}`
}

/** The event tables of these sources: `schema.table`. */
export function eventTables(sources: readonly string[], tables: TableColumns): readonly string[] {
  const schemas = new Set(sources.map(schemaName))
  return [...tables.keys()].filter((table) => {
    const [schema = '', name = ''] = table.split('.', 2)
    return schemas.has(schema) && !NOT_EVENTS.has(name) && tables.get(table)?.has('_identifier')
  })
}

/** One view an event table name, the union of that table over all sources by column name. */
export function stitchedEvents(
  dialect: Dialect,
  names: Names,
  sources: readonly string[],
  tables: TableColumns,
  window: RunWindow,
): readonly StitchedView[] {
  const byName = new Map<string, string[]>()
  for (const table of eventTables(sources, tables)) {
    const name = table.slice(table.indexOf('.') + 1)
    byName.set(name, [...(byName.get(name) ?? []), table])
  }
  return [...byName].map(([name, members]) => {
    const columns = unionColumns(members.map((member) => tables.get(member) ?? new Map()))
    const arms = members.map((member) => {
      const [schema = '', table = ''] = member.split('.', 2)
      const own = tables.get(member) ?? new Map<string, ColumnType>()
      const selected = [...columns].map(([column, type]) => {
        const quotedColumn = dialect.identifier(column)
        if (!own.has(column)) return `cast(null as ${dialect.columnType(type)}) as ${quotedColumn}`
        return own.get(column) === type
          ? `t.${quotedColumn}`
          : `cast(t.${quotedColumn} as ${dialect.columnType(type)}) as ${quotedColumn}`
      })
      return `select ${dialect.text(schema)} as source, m.profile_id, ${selected.join(', ')}
        from ${quoted(dialect, schema, table)} t
        left join ${names.table('identity', 'members')} m on m.identifier = t._identifier
        where ${seenBy(dialect, window, 't')}`
    })
    return { name, sql: arms.join('\nunion all\n') }
  })
}

/** Every column of the members but Muster's own; where types differ, text holds them all. */
function unionColumns(members: readonly ReadonlyMap<string, ColumnType>[]): ReadonlyMap<string, ColumnType> {
  const columns = new Map<string, ColumnType>()
  for (const member of members) {
    for (const [column, type] of member) {
      if (OWN.has(column) || column === 'source' || column === 'profile_id') continue
      const earlier = columns.get(column)
      columns.set(column, earlier === undefined || earlier === type ? type : 'string')
    }
  }
  return columns
}

/** `stitched.<schema>_<table>`: a source table that carries identifiers, with its rows' profile. */
export function stitchedSourceTables(
  dialect: Dialect,
  names: Names,
  sourceTables: readonly SourceTable[],
  types: readonly string[],
  tables: TableColumns,
  normalise: Normaliser,
): readonly StitchedView[] {
  return sourceTables.flatMap(({ schema, name, identifiers }) => {
    const columns = tables.get(`${schema}.${name}`)
    const held = types.flatMap((type) => {
      const column = identifiers[type]
      return column !== undefined && columns?.has(column) ? [{ type, column }] : []
    })
    if (!columns || held.length === 0) return []
    const selected = [...columns.keys()]
      .filter((column) => !OWN.has(column) && column !== 'profile_id')
      .map((column) => `t.${dialect.identifier(column)}`)
    const table = quoted(dialect, schema, name)
    const members = names.table('identity', 'members')
    if (columns.has('_identifier')) {
      return [
        {
          name: `${schema}_${name}`,
          sql: `select m.profile_id, ${selected.join(', ')} from ${table} t left join ${members} m on m.identifier = t._identifier`,
        },
      ]
    }
    // A table that Muster does not load has no column for the number: it is joined by the values themselves.
    const joins = held.map(
      ({ type, column }, index) =>
        `left join ${names.table('identity', 'identifiers')} i${index} on i${index}.type = ${dialect.text(type)}
         and i${index}.value = ${normalise(type, `t.${dialect.identifier(column)}`)}`,
    )
    const owner = held.map((_, index) => `i${index}.id`).join(', ')
    return [
      {
        name: `${schema}_${name}`,
        sql: `select m.profile_id, ${selected.join(', ')} from ${table} t ${joins.join('\n')}
          left join ${members} m on m.identifier = coalesce(${owner})`,
      },
    ]
  })
}
