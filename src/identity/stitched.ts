/**
 * Stitched tables: views that join event and source tables to profiles, so that analysts never think of identity.
 */
import { schemaName } from '../event/index.ts'
import type { IdentitySettings, SourceTable } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import { type Names, quoted } from '../warehouse/names.ts'
import type { ColumnType } from '../warehouse/warehouse.ts'
import type { IdentifierTypes } from './identifier-types.ts'
import type { Normaliser } from './normalise.ts'
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
/** Columns that the views add. */
const ADDED = new Set(['source', 'profile_id', 'account_id'])

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

/** What views are made of. */
export interface StitchedInput {
  readonly dialect: Dialect
  /** Where members are, and where identifiers are: the same unless the run is historic. */
  readonly names: Names
  readonly identifiers: Names
  readonly types: IdentifierTypes
  readonly normalise: Normaliser
  readonly tables: TableColumns
  readonly settings: IdentitySettings
}

/** One view an event table name, the union of that table over all sources by column name. */
export function stitchedEvents(
  input: StitchedInput,
  sources: readonly string[],
  window: RunWindow,
): readonly StitchedView[] {
  const { dialect, names, tables } = input
  const byName = new Map<string, string[]>()
  for (const table of eventTables(sources, tables)) {
    const name = table.slice(table.indexOf('.') + 1)
    byName.set(name, [...(byName.get(name) ?? []), table])
  }
  return [...byName].map(([name, members]) => {
    const columns = unionColumns(members.map((member) => tables.get(member) ?? new Map()))
    const identifiers = name === 'groups' ? { group_id: 'group_id' } : (input.settings.events[name] ?? {})
    const account = (member: string) => accountOf(input, tables.get(member) ?? new Map(), identifiers)
    const hasAccounts = members.some((member) => account(member).column !== '')
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
      const { column, join } = account(member)
      const accountColumn = column === '' && hasAccounts ? 'cast(null as bigint) as account_id, ' : column
      return `select ${dialect.text(schema)} as source, m.profile_id, ${accountColumn}${selected.join(', ')}
        from ${quoted(dialect, schema, table)} t
        left join ${names.table('identity', 'members')} m on m.identifier = t._identifier ${join}
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
      if (OWN.has(column) || ADDED.has(column)) continue
      const earlier = columns.get(column)
      columns.set(column, earlier === undefined || earlier === type ? type : 'string')
    }
  }
  return columns
}

/** `stitched.<schema>_<table>`: a source table that carries identifiers, with its rows' profile and account. */
export function stitchedSourceTables(
  input: StitchedInput,
  sourceTables: readonly SourceTable[],
): readonly StitchedView[] {
  const { dialect, names, types, tables } = input
  return sourceTables.flatMap(({ schema, name, identifiers }) => {
    const columns = tables.get(`${schema}.${name}`)
    const held = (entity: 'user' | 'account') =>
      types.of(entity).flatMap((type) => {
        const column = identifiers[type]
        return column !== undefined && columns?.has(column) ? [{ type, column }] : []
      })
    const users = held('user')
    if (!columns || (users.length === 0 && held('account').length === 0)) return []
    const selected = [...columns.keys()]
      .filter((column) => !OWN.has(column) && column !== 'profile_id' && column !== 'account_id')
      .map((column) => `t.${dialect.identifier(column)}`)
    const account = accountOf(input, columns, identifiers)
    const members = names.table('identity', 'members')
    const owner = ownerOf(input, columns, users)
    return [
      {
        name: `${schema}_${name}`,
        sql: `select ${users.length > 0 ? 'm.profile_id, ' : ''}${account.column}${selected.join(', ')} from ${quoted(dialect, schema, name)} t
          ${owner.joins} ${users.length > 0 ? `left join ${members} m on m.identifier = ${owner.number}` : ''} ${account.join}`,
      },
    ]
  })
}

interface HeldColumn {
  readonly type: string
  readonly column: string
}

/** The number of a row's owner. A table that Muster does not load has no column for it: it is found by the values themselves. */
function ownerOf(input: StitchedInput, columns: ReadonlyMap<string, ColumnType>, users: readonly HeldColumn[]) {
  if (columns.has('_identifier')) return { joins: '', number: 't._identifier' }
  const joins = users.map(({ type, column }, index) => lookedUp(input, `i${index}`, type, column))
  return { joins: joins.join('\n'), number: `coalesce(${users.map((_, index) => `i${index}.id`).join(', ')}, null)` }
}

/** The account that a row names, by the strongest of its columns that do; nothing where it has none. */
function accountOf(
  input: StitchedInput,
  columns: ReadonlyMap<string, ColumnType>,
  identifiers: Readonly<Record<string, string>>,
): { readonly column: string; readonly join: string } {
  const held = input.types.of('account').flatMap((type) => {
    const column = identifiers[type]
    return column !== undefined && columns.has(column) ? [{ type, column }] : []
  })
  if (held.length === 0) return { column: '', join: '' }
  const joins = held.map(({ type, column }, index) => lookedUp(input, `a${index}`, type, column))
  const number = `coalesce(${held.map((_, index) => `a${index}.id`).join(', ')}, null)`
  const members = input.names.table('identity', 'members')
  return {
    column: 'am.profile_id as account_id, ',
    join: `${joins.join(' ')} left join ${members} am on am.identifier = ${number}`,
  }
}

function lookedUp(
  { dialect, identifiers, normalise }: StitchedInput,
  alias: string,
  type: string,
  column: string,
): string {
  return `left join ${identifiers.table('identity', 'identifiers')} ${alias} on ${alias}.type = ${dialect.text(type)}
    and ${alias}.value = ${normalise(type, `t.${dialect.identifier(column)}`)}`
}
