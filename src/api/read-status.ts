import type { Workspace } from '../run/index.ts'

export interface Status {
  readonly logHead: number
  readonly logPosition: number
  readonly events: number
  readonly duplicates: number
  readonly rejected: number
  readonly discards: number
  readonly profiles: number
  readonly identifiers: number
  readonly ledgerMembers: number
  readonly inDoubt: number
}

export async function readStatus({ log, consumer, state, identity }: Workspace): Promise<Status> {
  const { names } = identity
  const members = names.table('identity', 'members')
  return state.warehouse.session(async (session) => {
    const [counts] = await session.query<Omit<Status, 'logHead' | 'logPosition'>>(
      `select l.*, m.*, (select count(*) from ${state.name('ledger')}) as "ledgerMembers", (select count(*) from ${state.name('intents')}) as "inDoubt" from
       (select cast(coalesce(sum(events), 0) as bigint) as events, cast(coalesce(sum(duplicates), 0) as bigint) as duplicates,
          cast(coalesce(sum(rejected), 0) as bigint) as rejected, cast(coalesce(sum(discards), 0) as bigint) as discards from ${state.name('loads')}) l,
       (select count(*) as identifiers, count(distinct profile_id) as profiles from ${members}) m`,
    )
    const nothing = {
      events: 0,
      duplicates: 0,
      rejected: 0,
      discards: 0,
      profiles: 0,
      identifiers: 0,
      ledgerMembers: 0,
      inDoubt: 0,
    }
    return { logHead: await log.head(), logPosition: await consumer.position(), ...(counts ?? nothing) }
  })
}
