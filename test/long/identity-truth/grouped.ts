import type { Claim, Dirt } from '../../../examples/saas/generate/index.ts'
import type { Workspace } from '../../../src/run/index.ts'

/** An identifier as Muster keeps it, with what is true of it. */
export interface Grouped {
  readonly type: string
  readonly value: string
  /** undefined: it is in no profile. */
  readonly profile: number | undefined
  /** Whose it is. */
  readonly owners: ReadonlySet<string>
  /** Who gave it by mistake. */
  readonly borrowers: ReadonlySet<string>
  readonly dirt: ReadonlySet<Dirt>
}

interface Found {
  readonly place: number
  readonly type: string
  readonly value: string | null
  readonly profile: number | null
}

/**
 * Every identifier of the truth, spellings of one value together as the project normalises them. One that names nobody
 * by the project's rules is in no profile.
 */
export async function groupedIdentifiers(workspace: Workspace, truth: readonly Claim[]): Promise<readonly Grouped[]> {
  const groups = new Map<string, { found: Found; claims: Claim[] }>()
  for (const found of await lookUp(workspace, truth)) {
    const claim = truth[found.place]
    if (claim === undefined) continue
    const key = `${claim.type} ${found.value === null ? `?${claim.value}` : found.value}`
    const group = groups.get(key) ?? { found, claims: [] }
    group.claims.push(claim)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ found, claims }) => ({
    type: found.type,
    value: found.value ?? claims[0]?.value ?? '',
    profile: found.profile ?? undefined,
    owners: new Set(claims.flatMap(({ person, dirt }) => (dirt === 'borrowed' ? [] : person))),
    borrowers: new Set(claims.flatMap(({ person, dirt }) => (dirt === 'borrowed' ? person : []))),
    dirt: new Set(claims.flatMap(({ dirt }) => dirt ?? [])),
  }))
}

function lookUp({ warehouse, identity, names }: Workspace, truth: readonly Claim[]): Promise<readonly Found[]> {
  const types = [...new Set(truth.map(({ type }) => type))]
  return warehouse.transaction('build', async (session) => {
    const rows = truth.map(({ type, value }, place) => ({ place, type, value }))
    const { relation } = await session.stage({ place: 'int', type: 'string', value: 'string' }, rows)
    const arms = types.map(
      (type) => `select place, type, ${identity.normalise(type, 'r.value')} as value from ${relation} r
        where r.type = ${identity.dialect.text(type)}`,
    )
    return session.query<Found>(
      `select t.place, t.type, i.value, m.profile_id as profile from (${arms.join(' union all ')}) t
       left join ${names.table('identity', 'identifiers')} i on i.type = t.type and i.value = t.value
       left join ${names.table('identity', 'members')} m on m.identifier = i.id order by t.place`,
    )
  })
}
