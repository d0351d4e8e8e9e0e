/**
 * The neighbourhood of some identifiers: what hangs together with them by the edges known now, whatever the last run said.
 */
import { MusterError } from '../core/errors.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { edgesSql } from './graph.ts'
import type { Identity } from './identity.ts'

/** More identifiers than these are no person. */
const MOST = 100_000

export interface NeighbourhoodOptions {
  readonly asOf: Date
  /** Whether ties of values that name nobody are followed as well. Default: only those of the start. */
  readonly throughShared?: boolean
}

/** Numbers of all identifiers reachable from these. Throws `identity_too_large`. */
export async function neighbourhood(
  session: Session,
  { names, dialect }: Identity,
  start: readonly number[],
  { asOf, throughShared = false }: NeighbourhoodOptions,
): Promise<readonly number[]> {
  const edges = edgesSql({ names, dialect, asOf })
  const blocked = `select identifier from ${names.table('identity', 'shared')}
    union select a from ${names.table('identity', 'decisions')} where action = 'ignore'`
  const found = new Set(start)
  for (let frontier = start; frontier.length > 0; ) {
    const list = frontier.join(', ')
    const next = await numbers(
      session,
      `select b as id from (${edges}) x where a in (${list}) union select a from (${edges}) y where b in (${list})`,
    )
    const fresh = next.filter((id) => !found.has(id))
    for (const id of fresh) found.add(id)
    if (found.size > MOST) {
      throw new MusterError('identity_too_large', `More than ${MOST} identifiers hang together with the one given.`)
    }
    if (throughShared || fresh.length === 0) frontier = fresh
    else {
      const stops = new Set(
        await numbers(session, `select identifier as id from (${blocked}) s where identifier in (${fresh.join(', ')})`),
      )
      frontier = fresh.filter((id) => !stops.has(id))
    }
  }
  return [...found].sort((a, b) => a - b)
}

async function numbers(session: Session, sql: string): Promise<readonly number[]> {
  return (await session.query<{ id: number }>(sql)).map(({ id }) => id)
}
