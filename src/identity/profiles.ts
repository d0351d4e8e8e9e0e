/**
 * identity.profiles and identity.accounts: a row a profile, with its identifiers and when it was seen.
 */
import type { IdentifierType } from '../project/index.ts'
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

/** What an entity's table is called, and its key. */
const TABLES = {
  user: { table: 'profiles', key: 'profile_id' },
  account: { table: 'accounts', key: 'account_id' },
} as const satisfies Record<IdentifierType['entity'], object>

export async function writeProfiles(session: Session, input: ProfilesInput): Promise<void> {
  const { warehouse, target } = input
  const tables = await warehouse.columns(target.schema('identity'))
  if (input.changed !== undefined) {
    await session.run(`create temp table changed_profiles as select distinct profile_id from (${input.changed}) c`)
  }
  for (const entity of ['user', 'account'] as const) {
    const columns = tables.get(`${target.schema('identity')}.${TABLES[entity].table}`)
    await writeEntity(session, input, entity, [...(columns?.keys() ?? [])])
  }
  if (input.changed !== undefined) await session.run('drop table changed_profiles')
  await session.replace({
    kind: 'view',
    schema: target.schema('identity'),
    name: 'account_users',
    sql: accountUsers(input),
  })
}

async function writeEntity(
  session: Session,
  input: ProfilesInput,
  entity: IdentifierType['entity'],
  existing: readonly string[],
): Promise<void> {
  const { target } = input
  const { table, key } = TABLES[entity]
  const name = target.table('identity', table)
  if (input.changed !== undefined && sameColumns(existing, columnsOf(input, entity)) && (await isFew(session, name))) {
    await session.run(`delete from ${name} where ${key} in (select profile_id from changed_profiles)`)
    const columns = columnsOf(input, entity).map(input.warehouse.dialect.identifier).join(', ')
    await session.run(
      `insert into ${name} (${columns}) select ${columns} from (${rowsSql(input, entity, 'select profile_id from changed_profiles')}) r`,
    )
    return
  }
  await session.replace({
    kind: 'table',
    schema: target.schema('identity'),
    name: table,
    sql: rowsSql(input, entity, undefined),
  })
}

async function isFew(session: Session, table: string): Promise<boolean> {
  const [counted] = await session.query<{ changed: number; all: number }>(
    `select (select count(*) from changed_profiles) as changed, (select count(*) from ${table}) as "all"`,
  )
  return (counted?.changed ?? 0) <= (counted?.all ?? 0) * MOST
}

function sameColumns(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && other.every((column) => one.includes(column))
}

function columnsOf({ types }: ProfilesInput, entity: IdentifierType['entity']): readonly string[] {
  return [TABLES[entity].key, ...types.of(entity), 'identifiers', 'first_seen', 'last_seen']
}

function rowsSql(input: ProfilesInput, entity: IdentifierType['entity'], only: string | undefined): string {
  const { warehouse, names, target, types, activity } = input
  const { dialect } = warehouse
  const members = target.table('identity', 'members')
  const identifiers = names.table('identity', 'identifiers')
  const own = types.of(entity)
  const values = own.map((type) => {
    // Of several values the one first seen: it does not change when another joins.
    const first = dialect.minBy('i.value', 'i.id', `i.type = ${dialect.text(type)}`)
    return `${first} as ${dialect.identifier(type)}`
  })
  const within = only === undefined ? '' : ` and m.profile_id in (${only})`
  const of = `i.type in (${own.map(dialect.text).join(', ')})${within}`
  return `select p.*, a.first_seen, a.last_seen from
      (select m.profile_id as ${TABLES[entity].key}, ${values.join(', ')}, count(*) as identifiers from ${members} m
       join ${identifiers} i on i.id = m.identifier where ${of} group by 1) p
    left join (select m.profile_id, min(e.first_seen) as first_seen, max(e.last_seen) as last_seen
               from (${activity}) e join ${members} m on m.identifier = e.identifier where true${within} group by 1) a
    on a.profile_id = p.${TABLES[entity].key}`
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
