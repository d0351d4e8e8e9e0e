import { MusterError } from '../core/errors.ts'
import {
  type Action,
  addDecision,
  type Effect,
  type Explanation,
  effectOf,
  explainPair,
  type IdentityStatistics,
  identityStatistics,
} from '../identity/index.ts'
import type { Workspace } from '../run/index.ts'
import type { Identifier } from './read-profiles.ts'

/** A row or event that ties two identifiers of one profile together. */
export interface Evidence {
  readonly from: string
  readonly to: string
  readonly source: string
  /** Message id of the event; what the row holds. */
  readonly evidence: string | null
  readonly firstSeen: Date | null
}

export function readStatistics({ warehouse, identity: { names } }: Workspace): Promise<IdentityStatistics> {
  return warehouse.session((session) => identityStatistics(session, names))
}

/** Why a profile's identifiers are one person: at most 1,000 edges, earliest first. */
export function evidenceOf({ warehouse, identity: { names } }: Workspace, profileId: number): Promise<Evidence[]> {
  const identifiers = names.table('identity', 'identifiers')
  const members = names.table('identity', 'members')
  return warehouse.session((session) =>
    session.query<Evidence>(
      `select x.type || ' ' || x.value as "from", y.type || ' ' || y.value as "to", e.source, e.evidence,
         e.first_seen as "firstSeen" from ${names.table('identity', 'edges')} e
       join ${members} m on m.identifier = e.a join ${members} n on n.identifier = e.b and n.profile_id = m.profile_id
       join ${identifiers} x on x.id = e.a join ${identifiers} y on y.id = e.b
       where m.profile_id = $1 order by e.first_seen nulls last, e.source limit 1000`,
      [profileId],
    ),
  )
}

interface Known extends Identifier {
  readonly id: number
}

/** The identifier meant by `type:value`, or by a value alone, of the strongest type that has it. Throws `not_found`. */
async function findIdentifier({ warehouse, identity }: Workspace, text: string): Promise<Known> {
  const { dialect, names, types } = identity
  const [, prefix = '', rest = ''] = /^([a-z][a-z0-9_]*):(.+)$/s.exec(text) ?? []
  const typed = types.get(prefix) !== undefined
  const value = typed ? rest : text
  const wanted = typed ? [prefix] : types.all.map(({ name }) => name)
  const matches = await Promise.all(
    wanted.map(async (type) => `(type = ${dialect.text(type)} and value = ${await identity.normalText(type, value)})`),
  )
  const [found] = await warehouse.session((session) =>
    session.query<Known>(
      `select id, type, value from ${names.table('identity', 'identifiers')} where ${matches.join(' or ')}
       order by ${types.code(dialect, 'type')} limit 1`,
    ),
  )
  if (found) return found
  throw new MusterError('not_found', `Nothing is known of the identifier "${text}".`, {
    hint: 'Write it as a value, or as type:value; what came since the last `muster run` is not stitched yet.',
  })
}

export async function explain(workspace: Workspace, from: string, to: string): Promise<Explanation> {
  const { warehouse, identity, effects } = workspace
  const [one, other] = [await findIdentifier(workspace, from), await findIdentifier(workspace, to)]
  return warehouse.session((session) => explainPair(session, identity, one.id, other.id, effects.now()))
}

export interface DecisionText {
  readonly action: Action
  /** Identifiers as `findIdentifier` takes them; one of a value to be ignored. */
  readonly identifiers: readonly string[]
}

/** An audience with members whose profile would be another. */
export interface AffectedAudience {
  readonly audience: string
  readonly profiles: number
  /** Destinations that it is sent to. */
  readonly destinations: readonly string[]
}

export interface DecisionEffect extends Effect {
  readonly audiences: readonly AffectedAudience[]
}

/** What a decision would change, nothing being changed. Throws `not_found`. */
export async function previewDecision(workspace: Workspace, decision: DecisionText): Promise<DecisionEffect> {
  const { warehouse, identity, effects } = workspace
  const numbers = (await identifiersOf(workspace, decision)).map(({ id }) => id)
  const proposed = { action: decision.action, identifiers: numbers }
  const effect = await warehouse.session((session) => effectOf(session, identity, proposed, effects.now()))
  return { ...effect, audiences: await affected(workspace, effect) }
}

/** Writes a decision into the project's file; the next run follows it. Throws `not_found`. */
export async function decide(workspace: Workspace, decision: DecisionText & { readonly note: string }): Promise<void> {
  const { action, note } = decision
  const [one, other] = await identifiersOf(workspace, decision)
  await addDecision(workspace.definitions.project.root, {
    action,
    type: one?.type ?? '',
    value: one?.value ?? '',
    other_type: other?.type ?? '',
    other_value: other?.value ?? '',
    note,
  })
}

async function identifiersOf(workspace: Workspace, { action, identifiers }: DecisionText): Promise<readonly Known[]> {
  const wanted = action === 'ignore' ? 1 : 2
  if (identifiers.length !== wanted) {
    throw new MusterError('usage', `To ${action}, name ${wanted === 1 ? 'one identifier' : 'two identifiers'}.`)
  }
  return Promise.all(identifiers.map((identifier) => findIdentifier(workspace, identifier)))
}

async function affected(workspace: Workspace, { before, after }: Effect): Promise<readonly AffectedAudience[]> {
  const key = ({ identifiers }: Effect['before'][number]) => JSON.stringify(identifiers)
  const stays = new Set(after.map(key))
  const ids = before.flatMap((part) => (stays.has(key(part)) || part.profileId === null ? [] : [part.profileId]))
  if (ids.length === 0) return []
  const { state, definitions } = workspace
  const rows = await state.warehouse.session((session) =>
    session.query<{ audience: string; profiles: number }>(
      `select audience, count(*) as profiles from ${state.name('memberships')}
       where left_at is null and profile_id in (${ids.join(', ')}) group by 1 order by 1`,
    ),
  )
  return rows.map(({ audience, profiles }) => ({
    audience,
    profiles,
    destinations:
      definitions.project.audiences.find(({ name }) => name === audience)?.send.map(({ destination }) => destination) ??
      [],
  }))
}
