/**
 * Which rows of which tables are a person's.
 */
import { type Identifier, namingColumns } from '../event/index.ts'
import type { Identity, Person } from '../identity/index.ts'
import type { State } from '../state/state.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import { PRIMARY_TABLES } from '../warehouse/event-schema.ts'
import type { Lane } from '../warehouse/warehouse.ts'
import { type BaseTable, isEventTable } from './base-tables.ts'

/** Rows to be deleted. */
export interface PersonRows {
  /** `schema.table` */
  readonly name: string
  readonly table: string
  readonly lane: Lane
  /** SQL of the condition. */
  readonly where: string
}

export interface PersonScope {
  readonly identity: Identity
  readonly state: State
  readonly person: Person
  readonly tables: readonly BaseTable[]
  /** Physical schemas of models and audiences, and quoted names of `profiles` and `accounts`: of the present and of historic runs. */
  readonly built: ReadonlySet<string>
}

const NOBODY = 'false'

/** In the order in which they are to be deleted: discards are found by the events they are of. */
export function personRows(scope: PersonScope): readonly PersonRows[] {
  return [...discardRows(scope), ...eventRows(scope), ...identityRows(scope), ...builtRows(scope), ...stateRows(scope)]
}

function eventRows(scope: PersonScope): readonly PersonRows[] {
  return scope.tables.filter(isEventTable).map((table) => rows(table, 'load', ownedBy(scope, table)))
}

/** A row is a person's when it names one of their identifiers: as its owner, as what an alias or merge joins, or as a trait. */
function ownedBy({ identity, person }: PersonScope, { name, columns }: BaseTable): string {
  const { dialect } = identity
  const conditions = person.numbers.length === 0 ? [] : [`_identifier in (${person.numbers.join(', ')})`]
  for (const [type, values] of byType(person.identifiers)) {
    const list = values.map(dialect.text).join(', ')
    const own = name === 'identifies' && !isId(type) ? [type] : []
    for (const column of [...namingColumns(type), ...own]) {
      if (!columns.has(column)) continue
      const quoted = dialect.identifier(column)
      // Ids are stored in the form in which identity compares them.
      conditions.push(`${isId(type) ? quoted : identity.normalise(type, quoted)} in (${list})`)
    }
    for (const column of ['merge_property_1', 'merge_property_2']) {
      if (!columns.has(`${column}_value`)) continue
      const value = identity.normalise(type, dialect.identifier(`${column}_value`))
      conditions.push(`(${dialect.identifier(`${column}_type`)} = ${dialect.text(type)} and ${value} in (${list}))`)
    }
  }
  return either(conditions)
}

function discardRows(scope: PersonScope): readonly PersonRows[] {
  const held = scope.state.name('held_rows')
  const { dialect } = scope.identity
  return scope.tables
    .filter(({ name, columns }) => name === 'discards' && columns.has('row_id'))
    .map((table) => {
      const events = scope.tables.filter(
        (other) => other.schema === table.schema && isEventTable(other) && PRIMARY_TABLES.includes(other.name),
      )
      const ids = events.map((event) => `select id from ${event.table} where ${ownedBy(scope, event)}`)
      const waiting = `select row_id from ${held} where table_schema = ${dialect.text(table.schema)} and (${heldBy(scope)})`
      return rows(table, 'load', `row_id in (${[...ids, waiting].join(' union all ')})`)
    })
}

/** Held rows that say themselves whose they are; what else they hold is read from their values. */
export function heldBy({ identity, person }: PersonScope): string {
  const { dialect } = identity
  const conditions = [...byType(person.identifiers)]
    .filter(([type]) => isId(type))
    .map(([type, values]) => `${dialect.identifier(type)} in (${values.map(dialect.text).join(', ')})`)
  return either(conditions)
}

function identityRows({ identity, person, tables }: PersonScope): readonly PersonRows[] {
  const { names } = identity
  const schemas = new Set([names.schema('identity'), `${names.schema('identity')}_asof`])
  return tables
    .filter(({ schema }) => schemas.has(schema))
    .flatMap((table) => {
      const where = identityCondition(table.name, person, identity.dialect)
      return where === undefined ? [] : [rows(table, COLLECTED.has(table.name) ? 'load' : 'build', where)]
    })
}

/** Tables of identity that are written as events land; the others by runs. */
const COLLECTED = new Set(['edges', 'sightings', 'belongings', 'computed', 'touched', 'decisions'])

/** `identifiers` and `ids` keep their numbers, so that none is given to somebody else: the values go, see `blankIdentifiers`. */
function identityCondition(
  table: string,
  { identifiers, numbers, profiles }: Person,
  { text }: Dialect,
): string | undefined {
  switch (table) {
    case 'edges':
    case 'refusals':
    case 'decisions':
      return anyOf(['a', 'b'], numbers)
    case 'computed':
      return either(
        [...byType(identifiers)].map(
          ([type, values]) => `type = ${text(type)} and value in (${values.map(text).join(', ')})`,
        ),
      )
    case 'belongings':
      return anyOf(['identifier', 'account'], numbers)
    case 'members':
    case 'sightings':
    case 'shared':
    case 'touched':
      return anyOf(['identifier'], numbers)
    case 'profiles':
      return anyOf(['profile_id'], profiles)
    case 'accounts':
      return anyOf(['account_id'], profiles)
    case 'changes':
      return anyOf(['from_profile', 'to_profile'], profiles)
    default:
      return undefined
  }
}

/** What runs built from events: rows of the person's profiles, and rows that hold an identifier in a column of its name. */
function builtRows({ identity, person, tables, built }: PersonScope): readonly PersonRows[] {
  const { dialect, normalise } = identity
  return tables
    .filter(({ schema, table }) => built.has(schema) || built.has(table))
    .map((table) => {
      const conditions = table.columns.has('profile_id') ? [anyOf(['profile_id'], person.profiles)] : []
      for (const [type, values] of byType(person.identifiers)) {
        if (!table.columns.has(type)) continue
        conditions.push(`${normalise(type, dialect.identifier(type))} in (${values.map(dialect.text).join(', ')})`)
      }
      return rows(table, 'build', either(conditions))
    })
}

function stateRows({ state, person }: PersonScope): readonly PersonRows[] {
  return ['memberships', 'plan_changes'].map((table) => ({
    name: `${state.schema}.${table}`,
    table: state.name(table),
    lane: 'state',
    where: anyOf(['profile_id'], person.profiles),
  }))
}

function rows({ schema, name, table }: BaseTable, lane: Lane, where: string): PersonRows {
  return { name: `${schema}.${name}`, table, lane, where }
}

function anyOf(columns: readonly string[], numbers: readonly number[]): string {
  if (numbers.length === 0) return NOBODY
  return columns.map((column) => `${column} in (${numbers.join(', ')})`).join(' or ')
}

const either = (conditions: readonly string[]): string =>
  conditions.length === 0 ? NOBODY : conditions.map((condition) => `(${condition})`).join(' or ')

const isId = (type: string): boolean => type === 'user_id' || type === 'anonymous_id'

function byType(identifiers: readonly Identifier[]): ReadonlyMap<string, readonly string[]> {
  const types = new Map<string, string[]>()
  for (const { type, value } of identifiers) types.set(type, [...(types.get(type) ?? []), value])
  return types
}
