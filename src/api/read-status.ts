import type { Workspace } from '../run/index.ts'
import { type Freshness, readFreshness } from './read-freshness.ts'

export interface Status extends Freshness {
  readonly logHead: number
  readonly logPosition: number
  readonly events: number
  readonly duplicates: number
  readonly rejected: number
  readonly discards: number
  readonly erased: number
  readonly profiles: number
  readonly identifiers: number
  readonly ledgerMembers: number
  readonly inDoubt: number
  /** Why the project's files as they are now are not in force; null where they are. */
  readonly editRefused: string | null
}

type Counts = Omit<Status, keyof Freshness | 'logHead' | 'logPosition' | 'editRefused'>

export async function readStatus(workspace: Workspace): Promise<Status> {
  const { log, consumer, state, identity } = workspace
  // The position first: the head may only be further.
  const logPosition = await consumer.position()
  const freshness = await readFreshness(workspace, logPosition)
  const { names } = identity
  const members = names.table('identity', 'members')
  const known = await state.warehouse.columns(names.schema('identity'))
  // Made by the first run.
  const hasProfiles = known.has(`${names.schema('identity')}.profiles`)
  const profiles = hasProfiles ? names.table('identity', 'profiles') : members
  return state.warehouse.session(async (session) => {
    const [counts] = await session.query<Counts>(
      `select l.*, m.*, (select count(*) from ${state.name('ledger')}) as "ledgerMembers", (select count(*) from ${state.name('intents')}) as "inDoubt" from
       (select cast(coalesce(sum(events), 0) as bigint) as events, cast(coalesce(sum(duplicates), 0) as bigint) as duplicates,
          cast(coalesce(sum(rejected), 0) as bigint) as rejected, cast(coalesce(sum(discards), 0) as bigint) as discards,
          cast(coalesce(sum(erased), 0) as bigint) as erased from ${state.name('loads')}) l,
       (select count(*) as identifiers, (select count(*) from ${profiles}) as profiles from ${members}) m`,
    )
    const nothing = {
      events: 0,
      duplicates: 0,
      rejected: 0,
      discards: 0,
      erased: 0,
      profiles: 0,
      identifiers: 0,
      ledgerMembers: 0,
      inDoubt: 0,
    }
    const { editRefused } = workspace
    return { logHead: await log.head(), logPosition, editRefused, ...freshness, ...(counts ?? nothing) }
  })
}
