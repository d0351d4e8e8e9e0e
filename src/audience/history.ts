import type { State } from '../state/state.ts'

export interface AudienceSize {
  readonly run: number
  readonly as_of: Date
  readonly members: number
  readonly entered: number
  readonly left: number
}

/** Sizes by run, newest first. */
export function audienceSizes(state: State, audience: string, limit: number): Promise<readonly AudienceSize[]> {
  return state.warehouse.session((session) =>
    session.query<AudienceSize>(state.table('audience_sizes').where({ audience }).orderBy('run', 'desc').limit(limit)),
  )
}

export interface Member {
  readonly profile_id: number
  readonly entered_at: Date
}

/** Present members by profile id, a page at a time. */
export function audienceMembers(
  state: State,
  audience: string,
  { first, after }: { first: number; after: number },
): Promise<readonly Member[]> {
  return state.warehouse.session((session) =>
    session.query<Member>(
      state
        .table('memberships')
        .select('profile_id', 'entered_at')
        .where({ audience, left_at: null })
        .where('profile_id', '>', after)
        .orderBy('profile_id')
        .limit(first),
    ),
  )
}

export interface Membership {
  readonly audience: string
  readonly entered_at: Date
  readonly left_at: Date | null
}

/** The audiences a profile is or was in, newest first. */
export function membershipsOf(state: State, profileId: number): Promise<readonly Membership[]> {
  return state.warehouse.session((session) =>
    session.query<Membership>(
      state
        .table('memberships')
        .select('audience', 'entered_at', 'left_at')
        .where({ profile_id: profileId })
        .orderBy('entered_at', 'desc'),
    ),
  )
}
