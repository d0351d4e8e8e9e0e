/**
 * identity.profiles and identity.accounts: a row a profile, with its identifiers and when it was seen.
 */
import { type Entity, TRAIT_TABLES } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'
import type { IdentifierTypes } from './identifier-types.ts'

export interface ProfilesInput {
  readonly warehouse: Warehouse
  /** Where identifiers are; where members are and profiles go. */
  readonly names: Names
  readonly target: Names
  readonly types: IdentifierTypes
  readonly asOf: Date
  /** SQL of when identifiers were seen: identifier, first_seen, last_seen. */
  readonly activity: string
  /** SQL of the profiles whose rows are others than before: profile_id. Absent: all. */
  readonly changed: string | undefined
}

/** Beyond this share of the profiles, making all of them costs less. */
const MOST = 0.3

export async function writeProfiles(session: Session, input: ProfilesInput): Promise<void> {
  const { warehouse, target, changed } = input
  const tables = await warehouse.columns(target.schema('identity'))
  const columnsOfTable = (table: string) => [...(tables.get(`${target.schema('identity')}.${table}`)?.keys() ?? [])]
  const fits = (['user', 'account'] as const).every((entity) =>
    sameColumns(columnsOfTable(TRAIT_TABLES[entity].table), columnsOf(input, entity)),
  )
  if (changed !== undefined) {
    await session.run(`create temp table changed_profiles as select distinct profile_id from (${changed}) c`)
  }
  const few = changed !== undefined && fits && (await isFew(session, target))
  for (const entity of ['user', 'account'] as const) {
    if (few) await replaceChanged(session, input, entity)
    else await replaceAll(session, input, entity)
  }
  if (changed !== undefined) await session.run('drop table changed_profiles')
  await session.replace({
    kind: 'view',
    schema: target.schema('identity'),
    name: 'account_users',
    sql: accountUsers(input),
  })
}

async function replaceAll(session: Session, input: ProfilesInput, entity: Entity): Promise<void> {
  const sql = rowsSql(input, entity, undefined)
  await session.replace({
    kind: 'table',
    schema: input.target.schema('identity'),
    name: TRAIT_TABLES[entity].table,
    sql,
  })
}

async function replaceChanged(session: Session, input: ProfilesInput, entity: Entity): Promise<void> {
  const { table, key } = TRAIT_TABLES[entity]
  const name = input.target.table('identity', table)
  const changed = 'select profile_id from changed_profiles'
  await session.run(`delete from ${name} where ${key} in (${changed})`)
  const columns = columnsOf(input, entity).map(input.warehouse.dialect.identifier).join(', ')
  await session.run(`insert into ${name} (${columns}) select ${columns} from (${rowsSql(input, entity, changed)}) r`)
}

async function isFew(session: Session, target: Names): Promise<boolean> {
  const all = Object.values(TRAIT_TABLES).map(
    ({ table }) => `(select count(*) from ${target.table('identity', table)})`,
  )
  const [counted] = await session.query<{ changed: number; all: number }>(
    `select (select count(*) from changed_profiles) as changed, ${all.join(' + ')} as "all"`,
  )
  return (counted?.changed ?? 0) <= (counted?.all ?? 0) * MOST
}

function sameColumns(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && other.every((column) => one.includes(column))
}

function columnsOf({ types }: ProfilesInput, entity: Entity): readonly string[] {
  return [TRAIT_TABLES[entity].key, ...types.of(entity), 'identifiers', 'first_seen', 'last_seen']
}

function rowsSql(input: ProfilesInput, entity: Entity, only: string | undefined): string {
  const { warehouse, names, target, types, activity } = input
  const { dialect } = warehouse
  const own = types.of(entity)
  const values = own.map((type) => {
    // Of several values the one first seen: it does not change when another joins.
    const first = dialect.minBy('o.value', 'o.id', `o.type = ${dialect.text(type)}`)
    return `${first} as ${dialect.identifier(type)}`
  })
  const within = only === undefined ? '' : ` and m.profile_id in (${only})`
  const { key } = TRAIT_TABLES[entity]
  return `with own as (select m.profile_id, i.id, i.type, i.value from ${target.table('identity', 'members')} m
      join ${names.table('identity', 'identifiers')} i on i.id = m.identifier
      where i.type in (${own.map(dialect.text).join(', ')})${within})
    select p.*, a.first_seen, a.last_seen from
      (select o.profile_id as ${key}, ${values.join(', ')}, count(*) as identifiers from own o group by 1) p
    left join (select o.profile_id, min(e.first_seen) as first_seen, max(e.last_seen) as last_seen
               from (${activity}) e join own o on o.id = e.identifier group by 1) a
    on a.profile_id = p.${key}`
}

/** Which users an account has: account_id, profile_id, first_seen, last_seen. */
function accountUsers({ warehouse: { dialect }, names, target, asOf }: ProfilesInput): string {
  const members = target.table('identity', 'members')
  return `select a.profile_id as account_id, u.profile_id, min(b.first_seen) as first_seen, max(b.last_seen) as last_seen
    from ${names.table('identity', 'belongings')} b join ${members} u on u.identifier = b.identifier
    join ${members} a on a.identifier = b.account
    where ${seen(dialect, asOf)} group by 1, 2`
}

function seen(dialect: Dialect, asOf: Date): string {
  return `b.first_seen is null or b.first_seen <= ${dialect.timestamp(asOf)}`
}
