import { type Entity, TRAIT_TABLES } from '../project/index.ts'
import type { Workspace } from '../run/index.ts'
import type { Row } from '../warehouse/warehouse.ts'

export interface Profile {
  readonly id: number
  /** Columns of `profiles`, or of `accounts`, but its id. */
  readonly traits: Row
}

export interface Identifier {
  readonly type: string
  readonly value: string
}

/** The profiles, or accounts, of these ids that exist, in the order of the ids. */
export async function readProfiles(
  { warehouse, names }: Workspace,
  ids: readonly number[],
  entity: Entity = 'user',
): Promise<Profile[]> {
  if (ids.length === 0) return []
  const { table, key } = TRAIT_TABLES[entity]
  const rows = await warehouse.session((session) =>
    session.query<Row>(`select * from ${names[table]} where ${key} in (${ids.join(', ')}) order by ${key}`),
  )
  return rows.map(({ [key]: id, ...traits }) => ({ id: Number(id), traits }))
}

/** The profile that holds an identifier; every type is tried when none is named. */
export async function findProfile(
  { warehouse, identity }: Workspace,
  value: string,
  type: string | undefined,
): Promise<number | undefined> {
  const { dialect } = warehouse
  const { names, types } = identity
  const wanted = type === undefined ? types.of('user') : [type]
  const matches = await Promise.all(
    wanted.map(
      async (each) => `(i.type = ${dialect.text(each)} and i.value = ${await identity.normalText(each, value)})`,
    ),
  )
  if (matches.length === 0) return undefined
  const [row] = await warehouse.session((session) =>
    session.query<{ profile_id: number }>(
      `select m.profile_id from ${names.table('identity', 'identifiers')} i
       join ${names.table('identity', 'members')} m on m.identifier = i.id where ${matches.join(' or ')} order by 1 limit 1`,
    ),
  )
  return row?.profile_id
}

export function identifiersOf({ warehouse, identity: { names } }: Workspace, profileId: number): Promise<Identifier[]> {
  return warehouse.session((session) =>
    session.query<Identifier>(
      `select i.type, i.value from ${names.table('identity', 'members')} m
       join ${names.table('identity', 'identifiers')} i on i.id = m.identifier where m.profile_id = $1 order by i.id limit 1000`,
      [profileId],
    ),
  )
}
