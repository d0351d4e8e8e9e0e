/**
 * Assignment: which profile id a group gets. Ids are stored history, so that the same person keeps the same id.
 */

export interface AssignmentInput {
  /** The first place of each identifier's group, by place. */
  readonly groups: Int32Array
  /** Strength of each identifier, by place: the lower the stronger, then the earlier place. */
  readonly types: Uint8Array
  /** What is stored: an identifier (its place) and a profile id that it once got, pairs at the same places. */
  readonly claimants: Int32Array
  readonly claimed: Int32Array
  /** The first profile id never given out. */
  readonly nextId: number
}

export interface Assignment {
  /** Profile id by place. */
  readonly profiles: Int32Array
  /** Those whose id is to be stored besides what is. */
  readonly places: Int32Array
}

/**
 * A group takes the earliest-assigned id among its identifiers; where a split leaves several groups with one id,
 * the group with the strongest, then earliest identifier keeps it. The others take the next they have, or one of their own.
 *
 * An identifier keeps the id it was first given, so that a merge that is undone gives back what was; a group that
 * lost an id to another part is remembered under its own.
 */
export function assignProfiles({ groups, types, claimants, claimed, nextId }: AssignmentInput): Assignment {
  const byGroup = new Int32Array(groups.length)
  const has = new Uint8Array(groups.length)
  for (const place of claimants) has[place] = 1
  for (const { id, group } of contested({ groups, types, claimants, claimed })) {
    if (byGroup[group] === 0) byGroup[group] = id
  }
  // Groups that have claims, and lost them all.
  const lost = new Set<number>()
  for (const place of claimants) {
    const group = groups[place] ?? 0
    if (byGroup[group] === 0) lost.add(group)
  }
  let next = nextId
  const profiles = new Int32Array(groups.length)
  const places: number[] = []
  for (let place = 0; place < groups.length; place++) {
    const group = groups[place] ?? 0
    if (byGroup[group] === 0) byGroup[group] = next++
    profiles[place] = byGroup[group] ?? 0
    if (has[place] === 0 || lost.has(group)) places.push(place)
  }
  return { profiles, places: Int32Array.from(places) }
}

/** Each stored id, in the order in which they were assigned, with the group that keeps it. */
function* contested({ groups, types, claimants, claimed }: Omit<AssignmentInput, 'nextId'>) {
  const last = claimed.reduce((most, id) => Math.max(most, id), 0)
  // The one group of each id, plus one; 0: nobody has it; -1: several have.
  const only = new Int32Array(last + 1)
  for (let claim = 0; claim < claimed.length; claim++) {
    const id = claimed[claim] ?? 0
    const group = (groups[claimants[claim] ?? 0] ?? 0) + 1
    only[id] = only[id] === 0 || only[id] === group ? group : -1
  }
  const disputed = new Map<number, number[]>()
  for (let claim = 0; claim < claimed.length; claim++) {
    const id = claimed[claim] ?? 0
    if (only[id] !== -1) continue
    const places = disputed.get(id)
    if (places) places.push(claimants[claim] ?? 0)
    else disputed.set(id, [claimants[claim] ?? 0])
  }
  const taken = new Uint8Array(groups.length)
  for (let id = 1; id <= last; id++) {
    const single = only[id] ?? 0
    if (single === 0) continue
    const places = disputed.get(id)?.sort((one, other) => (types[one] ?? 0) - (types[other] ?? 0) || one - other)
    const claiming = places ? places.map((place) => groups[place] ?? 0) : [single - 1]
    const keeper = claiming.find((group) => taken[group] === 0)
    if (keeper === undefined) continue
    taken[keeper] = 1
    yield { id, group: keeper }
  }
}
