/**
 * The effect of a decision before it is made: which profiles there are now of those concerned, and which there would be.
 */
import type { Identifier } from '../event/index.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { Action } from './decisions.ts'
import { groupGraph } from './group-profiles.ts'
import type { Identity } from './identity.ts'
import { neighbourhood } from './neighbourhood.ts'
import { assignIds } from './stitch.ts'

export interface ProposedDecision {
  readonly action: Action
  /** Numbers of the identifiers it names; one of a value to be ignored. */
  readonly identifiers: readonly number[]
}

/** A profile as it would be. */
export interface ProfilePart {
  /** Its id; null where it would get one of its own. */
  readonly profileId: number | null
  readonly identifiers: readonly Identifier[]
}

export interface Effect {
  /** Of everything that hangs together with the identifiers: the profiles by the edges known now, and with the decision. */
  readonly before: readonly ProfilePart[]
  readonly after: readonly ProfilePart[]
}

export async function effectOf(
  session: Session,
  identity: Identity,
  decision: ProposedDecision,
  asOf: Date,
): Promise<Effect> {
  const around = await neighbourhood(session, identity, decision.identifiers, { asOf })
  const before = await partsOf(session, identity, around, asOf, undefined)
  return { before, after: await partsOf(session, identity, around, asOf, decision) }
}

async function partsOf(
  session: Session,
  identity: Identity,
  around: readonly number[],
  asOf: Date,
  proposed: ProposedDecision | undefined,
): Promise<readonly ProfilePart[]> {
  const region = identity.only(around)
  const grouped = await groupGraph(session, { ...identity.graphInput, asOf, region, ...(proposed && { proposed }) })
  const { profiles, nextId } = await assignIds(session, identity.names, grouped, region)
  const { graph } = grouped
  const rows = await session.query<Identifier & { id: number }>(
    `select id, type, value from ${identity.names.table('identity', 'identifiers')} where id in (${region}) order by id`,
  )
  const parts = new Map<number, Identifier[]>()
  for (const { id, type, value } of rows) {
    const place = graph.placeOf(id)
    if (place === undefined || place >= graph.inside) continue
    const profile = profiles[place] ?? 0
    const part = parts.get(profile)
    if (part) part.push({ type, value })
    else parts.set(profile, [{ type, value }])
  }
  return [...parts].map(([id, identifiers]) => ({ profileId: id < nextId ? id : null, identifiers }))
}
