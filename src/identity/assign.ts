/**
 * Assignment: which profile id a group gets. Ids are stored history, so that the same person keeps the same id.
 */

export interface Assigned {
  readonly identifier: number
  readonly profileId: number
}

export interface AssignmentInput {
  /** Identifier numbers and, at the same places, the smallest identifier of their group. */
  readonly nodes: Uint32Array
  readonly groups: Uint32Array
  /** Profile ids as first assigned, by identifier. */
  readonly history: ReadonlyMap<number, number>
  /** Strength of an identifier's type, 0 strongest. */
  readonly rank: (identifier: number) => number
  /** The first profile id never given out. */
  readonly nextId: number
}

export interface Assignment {
  /** Group (its smallest identifier) → profile id. */
  readonly profiles: ReadonlyMap<number, number>
  /** Identifiers that had no id before. */
  readonly assigned: readonly Assigned[]
}

interface Claim {
  readonly group: number
  readonly rank: number
  readonly identifier: number
}

/**
 * A group takes the earliest-assigned id among its identifiers; where a split leaves several groups with one id,
 * the group with the strongest, then earliest identifier keeps it. The others get ids of their own.
 */
export function assignProfiles({ nodes, groups, history, rank, nextId }: AssignmentInput): Assignment {
  const claims = new Map<number, Claim[]>()
  for (let place = 0; place < nodes.length; place++) {
    const identifier = nodes[place] ?? 0
    const profileId = history.get(identifier)
    if (profileId === undefined) continue
    const claim = { group: groups[place] ?? 0, rank: rank(identifier), identifier }
    const others = claims.get(profileId)
    if (others) others.push(claim)
    else claims.set(profileId, [claim])
  }
  const profiles = new Map<number, number>()
  for (const profileId of [...claims.keys()].sort((a, b) => a - b)) {
    const best = (claims.get(profileId) ?? [])
      .filter((claim) => !profiles.has(claim.group))
      .sort((a, b) => a.rank - b.rank || a.identifier - b.identifier)[0]
    if (best) profiles.set(best.group, profileId)
  }
  let next = nextId
  const assigned: Assigned[] = []
  for (let place = 0; place < nodes.length; place++) {
    const group = groups[place] ?? 0
    const profileId = profiles.get(group) ?? next++
    profiles.set(group, profileId)
    const identifier = nodes[place] ?? 0
    if (!history.has(identifier)) assigned.push({ identifier, profileId })
  }
  return { profiles, assigned }
}
