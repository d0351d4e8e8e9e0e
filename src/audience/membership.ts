import type { State } from '../state/state.ts'

export interface MembershipChange {
  readonly members: number
  readonly entered: number
  readonly left: number
}

export interface MembershipInput {
  /** Name of the audience, without schema. */
  readonly audience: string
  /** Quoted table of the audience's members. */
  readonly table: string
  /** The column of the members' ids. */
  readonly key: string
  readonly run: number
  readonly asOf: Date
}

/** Records who entered and who left since the last run, as intervals; recorded membership is never rewritten. */
export async function recordMembership(
  state: State,
  { audience, table, key, run, asOf }: MembershipInput,
): Promise<MembershipChange> {
  const memberships = state.name('memberships')
  const at = state.warehouse.dialect.timestamp(asOf)
  return state.transaction(async (session) => {
    const left = await session.run(
      `update ${memberships} set left_at = ${at}, left_run = $2 where audience = $1 and left_at is null
       and profile_id not in (select ${key} from ${table})`,
      [audience, run],
    )
    const entered = await session.run(
      `insert into ${memberships} (audience, profile_id, entered_run, entered_at)
       select $1, ${key}, $2, ${at} from ${table} where ${key} not in
       (select profile_id from ${memberships} where audience = $1 and left_at is null)`,
      [audience, run],
    )
    const [counted] = await session.query<{ members: number }>(`select count(*) as members from ${table}`)
    const members = counted?.members ?? 0
    await session.run(state.table('audience_sizes').insert({ audience, run, members, entered, left, as_of: asOf }))
    return { members, entered, left }
  })
}
