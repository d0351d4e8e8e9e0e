/**
 * A person: the identifiers that are one with those given, by the edges known now; what the next run would say.
 */
import type { Identifier } from '../event/index.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { groupGraph } from './group-profiles.ts'
import type { Identity } from './identity.ts'
import { neighbourhood } from './neighbourhood.ts'

export interface Person {
  /** Those given, and all that are one with them; in normal form. */
  readonly identifiers: readonly Identifier[]
  /** Numbers of those that are known. */
  readonly numbers: readonly number[]
  /** Profiles by the last run. */
  readonly profiles: readonly number[]
}

/** Finds who is meant; identity must have collected the edges. */
export async function findPerson(
  session: Session,
  identity: Identity,
  given: readonly Identifier[],
  asOf: Date,
): Promise<Person> {
  const start = await numbersOf(session, identity, given)
  const numbers = await sameGroup(session, identity, start, asOf)
  const known = await identifiersOf(session, identity, numbers)
  const unknown = given.filter(({ type, value }) => !known.some((one) => one.type === type && one.value === value))
  return { identifiers: [...known, ...unknown], numbers, profiles: await profilesOf(session, identity, numbers) }
}

async function numbersOf(session: Session, { names, dialect }: Identity, given: readonly Identifier[]) {
  if (given.length === 0) return []
  const pairs = given.map(({ type, value }) => `(type = ${dialect.text(type)} and value = ${dialect.text(value)})`)
  return ids(session, `select id from ${names.table('identity', 'identifiers')} where ${pairs.join(' or ')}`)
}

/** The numbers that grouping puts together with one of these; an edge that a limit refuses ties nobody. */
async function sameGroup(session: Session, identity: Identity, start: readonly number[], asOf: Date) {
  if (start.length === 0) return []
  const around = await neighbourhood(session, identity, start, { asOf })
  const region = identity.only(around)
  const { graph, groups } = await groupGraph(session, { ...identity.graphInput, asOf, region })
  const wanted = new Set(start.flatMap((id) => groups[graph.placeOf(id) ?? -1] ?? []))
  // One that no row names any more is still somebody's.
  const unplaced = start.filter((id) => graph.placeOf(id) === undefined)
  const inside = graph.identifiers.subarray(0, graph.inside)
  return [...[...inside].filter((_, place) => wanted.has(groups[place] ?? -1)), ...unplaced]
}

async function identifiersOf(session: Session, { names }: Identity, numbers: readonly number[]) {
  if (numbers.length === 0) return []
  return session.query<Identifier>(
    `select type, value from ${names.table('identity', 'identifiers')} where id in (${numbers.join(', ')}) order by id`,
  )
}

async function profilesOf(session: Session, { names }: Identity, numbers: readonly number[]) {
  if (numbers.length === 0) return []
  return ids(
    session,
    `select distinct profile_id as id from ${names.table('identity', 'members')} where identifier in (${numbers.join(', ')}) order by 1`,
  )
}

async function ids(session: Session, sql: string): Promise<readonly number[]> {
  return (await session.query<{ id: number }>(sql)).map(({ id }) => id)
}
