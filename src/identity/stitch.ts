/**
 * Stitching: one run's answer to "who is who", written as identity.members, with every merge and split recorded.
 */
import type { Names } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'
import { type Assignment, assignProfiles } from './assign.ts'
import { Growing } from './graph.ts'
import { type GroupedGraph, groupGraph } from './group-profiles.ts'
import type { IdentifierTypes } from './identifier-types.ts'
import { forgetTouched, lastMark, makeRegion } from './region.ts'

export interface StitchInput {
  readonly warehouse: Warehouse
  /** Where edges and the history of ids are. */
  readonly names: Names
  /** Where members go: `names`, or those of a historic run. */
  readonly target: Names
  readonly types: IdentifierTypes
  readonly run: number
  readonly asOf: Date
  /** All is grouped anew, whatever changed. */
  readonly whole: boolean
}

export interface Stitched {
  /** SQL of the profiles whose rows change: one column, `profile_id`. Absent: all. */
  readonly changed: string | undefined
}

/** Groups identifiers and gives each group its profile id. Within a transaction of the build lane. */
export async function stitch(session: Session, input: StitchInput): Promise<Stitched> {
  const { warehouse, names, types, asOf, target } = input
  const { dialect } = warehouse
  const historic = target !== names
  const mark = await lastMark(session, names)
  const region = input.whole || historic ? undefined : await makeRegion(session, { dialect, names, types })
  if (region?.isEmpty) return { changed: region.sighted }
  const grouped = await groupGraph(session, { dialect, names, types, asOf, region: region?.sql })
  const assignment = await assignIds(session, names, grouped, region?.sql)
  const { relation: members } = await session.stageIntegers({
    identifier: grouped.graph.identifiers.slice(0, grouped.graph.inside),
    component: numbersAt(grouped, grouped.components),
    profile_id: assignment.profiles,
  })
  if (historic) {
    await replaceMembers(session, target, members)
    return { changed: undefined }
  }
  await session.run(`create temp table stitched_profiles as select distinct profile_id from ${members}
    union select m.profile_id from ${names.table('identity', 'members')} m${region ? ` where m.identifier in (${region.sql})` : ''}`)
  await recordChanges(session, input, members, region?.sql)
  const { relation: ids } = await session.stageIntegers({
    identifier: numbersAt(grouped, assignment.places),
    profile_id: assignment.places.map((place) => assignment.profiles[place] ?? 0),
  })
  await session.run(
    `insert into ${names.table('identity', 'ids')} select identifier, profile_id, ${dialect.timestamp(asOf)} from ${ids}`,
  )
  await writeRefusals(session, input, grouped, region?.sql)
  if (!region) {
    await replaceMembers(session, names, members)
    await forgetTouched(session, names, mark)
    return { changed: undefined }
  }
  const table = names.table('identity', 'members')
  await session.run(`delete from ${table} where identifier in (${region.sql})`)
  await session.run(`insert into ${table} select identifier, component, profile_id from ${members}`)
  return { changed: `${region.sighted} union select profile_id from stitched_profiles` }
}

function numbersAt({ graph }: GroupedGraph, places: Int32Array): Int32Array {
  return places.map((place) => graph.identifiers[place] ?? 0)
}

/** Profile ids of a grouped graph by what is stored of its identifiers; ids from `nextId` on are new. */
export async function assignIds(
  session: Session,
  names: Names,
  { graph, groups }: GroupedGraph,
  region: string | undefined,
): Promise<Assignment & { readonly nextId: number }> {
  const ids = names.table('identity', 'ids')
  const within = region === undefined ? '' : ` where identifier in (${region})`
  const claimants = new Growing()
  const claimed = new Growing()
  const sql = `select cast(identifier as integer) as identifier, cast(profile_id as integer) as profile_id from ${ids}${within}`
  for await (const [identifiers, profiles] of session.integers(sql)) {
    identifiers?.forEach((identifier, row) => {
      const place = graph.placeOf(identifier)
      if (place === undefined) return
      claimants.push(place)
      claimed.push(profiles?.[row] ?? 0)
    })
  }
  const [last] = await session.query<{ id: number | null }>(`select max(profile_id) as id from ${ids}`)
  const nextId = (last?.id ?? 0) + 1
  const claims = { claimants: claimants.values(), claimed: claimed.values(), nextId }
  return { ...assignProfiles({ groups, types: graph.types, ...claims }), nextId }
}

async function replaceMembers(session: Session, names: Names, members: string): Promise<void> {
  const sql = `select cast(identifier as bigint) as identifier, cast(component as bigint) as component,
    cast(profile_id as bigint) as profile_id from ${members}`
  await session.replace({ kind: 'table', schema: names.schema('identity'), name: 'members', sql })
}

async function recordChanges(
  session: Session,
  { warehouse, names, run, asOf }: StitchInput,
  members: string,
  region: string | undefined,
): Promise<void> {
  const before = `select identifier, profile_id from ${names.table('identity', 'members')}${region === undefined ? '' : ` where identifier in (${region})`}`
  await session.run(
    `insert into ${names.table('identity', 'changes')} (run, kind, from_profile, to_profile, identifiers, changed_at)
     select ${run}, case when c.from_profile in (select profile_id from ${members}) then 'split' else 'merge' end,
       c.from_profile, c.to_profile, c.identifiers, ${warehouse.dialect.timestamp(asOf)}
     from (select m.profile_id as from_profile, n.profile_id as to_profile, count(*) as identifiers from (${before}) m
           join ${members} n on n.identifier = m.identifier where n.profile_id <> m.profile_id group by 1, 2) c`,
  )
}

async function writeRefusals(
  session: Session,
  { names, types }: StitchInput,
  { graph, shared, refused }: GroupedGraph,
  region: string | undefined,
): Promise<void> {
  const refusals = names.table('identity', 'refusals')
  const table = names.table('identity', 'shared')
  await session.run(
    `delete from ${refusals}${region === undefined ? '' : ` where a in (${region}) or b in (${region})`}`,
  )
  await session.run(`delete from ${table}${region === undefined ? '' : ` where identifier in (${region})`}`)
  const reasons = await session.stage(
    { a: 'int', b: 'int', reason: 'string' },
    refused.map(({ a, b, type }) => ({ a, b, reason: reasonOf(types, type) })),
  )
  await session.run(`insert into ${refusals} (a, b, reason) select a, b, reason from ${reasons.relation}`)
  const values = await session.stage(
    { identifier: 'int', tied: 'string', ties: 'int' },
    shared
      .filter(({ place }) => place < graph.inside)
      .map(({ place, type, ties }) => ({ identifier: graph.identifiers[place], tied: types.nameOf(type), ties })),
  )
  await session.run(
    `insert into ${table} (identifier, tied, ties) select identifier, tied, ties from ${values.relation}`,
  )
}

export function reasonOf(types: IdentifierTypes, type: string | undefined): string {
  if (type === undefined) return 'a decision keeps them apart'
  return `a profile has at most ${types.get(type)?.limit ?? 5} ${type}`
}
