import type { Workspace } from '../run/index.ts'

export interface IdentifierCount {
  readonly type: string
  readonly identifiers: number
}

export interface Refusal {
  readonly reason: string
  readonly edges: number
}

/** A row or event that ties two identifiers of one profile together. */
export interface Evidence {
  readonly from: string
  readonly to: string
  readonly source: string
  /** Message id of the event; null for a row of a source table. */
  readonly evidence: string | null
  readonly firstSeen: Date | null
}

export function identifierCounts({ warehouse, identity: { names } }: Workspace): Promise<IdentifierCount[]> {
  return warehouse.session((session) =>
    session.query<IdentifierCount>(
      `select i.type, count(*) as identifiers from ${names.table('identity', 'members')} m
       join ${names.table('identity', 'identifiers')} i on i.id = m.identifier group by 1 order by 2 desc`,
    ),
  )
}

export function refusals({ warehouse, identity: { names } }: Workspace): Promise<Refusal[]> {
  return warehouse.session((session) =>
    session.query<Refusal>(
      `select reason, count(*) as edges from ${names.table('identity', 'refusals')} group by 1 order by 1`,
    ),
  )
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
