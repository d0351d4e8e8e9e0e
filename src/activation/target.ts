import type { Connector, DestinationObject, LiveDestination } from '../delivery/index.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { Activation } from './activation.ts'
import type { Sync } from './sync.ts'

/** One object at one account of a destination, as one sync sees it. */
export interface Target {
  /** The ledger's key: another base URL, account or object is another, empty ledger. */
  readonly key: string
  readonly baseUrl: string
  readonly account: string
  readonly connector: Connector
  readonly live: LiveDestination
  /** Absent when apply would create it. */
  readonly object: DestinationObject | undefined
  /** Grows with every change of the ledger. */
  readonly version: number
  /** The plan that changed the ledger last. */
  readonly changedBy: number | undefined
  /** Rows sent of which the outcome is unknown. */
  readonly inDoubt: number
  /** What a person should know before the first contact. */
  readonly notes: readonly string[]
}

/** Looks at the destination without changing it. Throws `destination_refused` and its like. */
export async function findTarget(activation: Activation, sync: Sync, signal?: AbortSignal): Promise<Target> {
  const { live, connector, baseUrl } = await activation.destinations.open(sync.destination)
  await live.check(signal)
  const object = await live.findObject(sync.send.options, signal)
  const key = targetKey(sync, baseUrl, live.account, object)
  const { version, changedBy, inDoubt } = await activation.warehouse.session((session) =>
    readVersion(session, activation, key),
  )
  const notes: string[] = []
  if (!object) notes.push(`The object does not exist at ${sync.destination.name} yet; apply creates it.`)
  else if (version === 0 && (object.size ?? 0) > 0) {
    notes.push(`First contact: the object holds ${object.size} members that Muster did not add and will not remove.`)
  }
  return { key, baseUrl, account: live.account, connector, live, object, version, changedBy, inDoubt, notes }
}

/** The target once its object exists: found, or created now. */
export async function ensureTarget(
  activation: Activation,
  sync: Sync,
  signal?: AbortSignal,
): Promise<Target & { object: DestinationObject }> {
  const found = await findTarget(activation, sync, signal)
  if (found.object) return { ...found, object: found.object }
  const object = await found.live.createObject(sync.send.options, signal)
  return { ...found, object, key: targetKey(sync, found.baseUrl, found.account, object) }
}

function targetKey(sync: Sync, baseUrl: string, account: string, object: DestinationObject | undefined): string {
  return [sync.id, baseUrl, account, object?.id ?? '(new)'].join(' | ')
}

async function readVersion(session: Session, { state }: Activation, target: string) {
  const [row] = await session.query<{ version: number; plan: number | null }>(
    state.table('targets').select('version', 'plan').where({ target }),
  )
  const [doubt] = await session.query<{ rows: number }>(state.table('intents').where({ target }).count('* as rows'))
  return { version: row?.version ?? 0, changedBy: row?.plan ?? undefined, inDoubt: doubt?.rows ?? 0 }
}
