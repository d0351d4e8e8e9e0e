/**
 * The region of a run: every identifier whose group may be another than before, and no more.
 */
import type { Dialect } from '../warehouse/dialect.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { IdentifierTypes } from './identifier-types.ts'

export interface Region {
  /** SQL of its identifiers: one column, `identifier`. */
  readonly sql: string
  readonly isEmpty: boolean
  /** SQL of the profiles of identifiers that were merely seen again: one column, `profile_id`. */
  readonly sighted: string
}

interface RegionInput {
  readonly dialect: Dialect
  readonly names: Names
  readonly types: IdentifierTypes
}

/** Beyond this share of the members, grouping all of them costs less. */
const MOST = 0.3

/** Temporary tables that a region leaves behind. */
export const REGION_TABLES = ['noted', 'region']

/**
 * Takes what was noted since the last run: the components it touched, and those that share a profile id with them, since
 * who keeps an id is decided between all who ever had it. Undefined where all had better be grouped.
 */
export async function makeRegion(session: Session, input: RegionInput): Promise<Region | undefined> {
  const { names } = input
  const [members, touched] = [names.table('identity', 'members'), names.table('identity', 'touched')]
  const mark = await lastMark(session, names)
  await session.run(
    `create temp table noted as select identifier, bool_or(regroup) as regroup from ${touched} where mark <= ${mark} group by 1`,
  )
  await session.run(`create temp table region as select identifier from noted where regroup`)
  const component = (identifiers: string) =>
    `select m.identifier from ${members} m where m.component in (select c.component from ${members} c where c.identifier in (${identifiers}))`
  const freed = (await anyShared(session, names)) ? ` union ${freedNeighbours(input)}` : ''
  await grow(session, component(`select identifier from region${freed}`))
  const ids = names.table('identity', 'ids')
  const namesakes = `select h.identifier from ${ids} h where h.profile_id in
    (select o.profile_id from ${ids} o where o.identifier in (select identifier from region))`
  let grown = 1
  while (grown > 0) grown = await grow(session, component(namesakes))
  const [counted] = await session.query<{ region: number; members: number }>(
    `select (select count(*) from region) as region, (select count(*) from ${members}) as members`,
  )
  const { region = 0, members: all = 0 } = counted ?? {}
  if (region > all * MOST) return undefined
  await forgetTouched(session, names, mark)
  return {
    sql: 'select identifier from region',
    isEmpty: region === 0,
    sighted: `select m.profile_id from ${members} m where m.identifier in (select identifier from noted)`,
  }
}

/** The last of what is noted: what is noted after it is for the next run. */
export async function lastMark(session: Session, names: Names): Promise<number> {
  const [last] = await session.query<{ mark: number | null }>(
    `select max(mark) as mark from ${names.table('identity', 'touched')}`,
  )
  return last?.mark ?? 0
}

export async function forgetTouched(session: Session, names: Names, mark: number): Promise<void> {
  await session.run(`delete from ${names.table('identity', 'touched')} where mark <= ${mark}`)
}

async function grow(session: Session, identifiers: string): Promise<number> {
  return session.run(
    `insert into region select distinct identifier from (${identifiers}) g where identifier not in (select identifier from region)`,
  )
}

/** Whether a value that is shared was touched. */
async function anyShared(session: Session, names: Names): Promise<boolean> {
  const touched = await session.query(
    `select 1 from ${names.table('identity', 'shared')} where identifier in (select identifier from noted) limit 1`,
  )
  return touched.length > 0
}

/** What was tied by values that are shared no more: their ties are followed again. */
function freedNeighbours({ dialect, names, types }: RegionInput): string {
  const edges = names.table('identity', 'edges')
  const identifiers = names.table('identity', 'identifiers')
  const { limits, sharedAbove } = types.rules
  const perType = (values: readonly number[], column: string) =>
    `case ${types.code(dialect, column)} ${values.map((value, code) => `when ${code} then ${Number.isFinite(value) ? value : 1e9}`).join(' ')} end`
  const ties = `select s.identifier, n.other from ${names.table('identity', 'shared')} s join noted t on t.identifier = s.identifier
    join (select a as one, b as other from ${edges} union all select b, a from ${edges}) n on n.one = s.identifier`
  return `select n.other from (${ties}) n where n.identifier in
    (select c.identifier from
      (select t.identifier, count(distinct t.other) as ties from (${ties}) t join ${names.table('identity', 'shared')} s on s.identifier = t.identifier
       join ${identifiers} o on o.id = t.other and o.type = s.tied group by 1) c
     join ${names.table('identity', 'shared')} s on s.identifier = c.identifier join ${identifiers} i on i.id = c.identifier
     where c.ties <= ${perType(sharedAbove, 'i.type')} * ${perType(limits, 's.tied')})`
}
