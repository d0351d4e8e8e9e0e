/**
 * Deletions as state keeps them: whom they are of is there only until all is deleted.
 */
import type { Identifier } from '../event/index.ts'
import type { Person } from '../identity/index.ts'
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { NOTES, type Receipt } from './receipt.ts'

export type DeletionState = 'running' | 'failed' | 'done'

export interface Deletion {
  readonly id: string
  readonly state: DeletionState
  readonly reason: string
  /** Whether later events of the person are not stored either. */
  readonly suppress: boolean
  readonly requestedAt: Date
  readonly endedAt: Date | null
  /** Why it has not ended; it is tried again. */
  readonly error: string | null
  /** Salted hashes of the identifiers. */
  readonly hashes: readonly string[]
  /** Gone once every row and record is. */
  readonly pending: Pending | undefined
  readonly receipt: Receipt
}

export interface Pending {
  readonly given: readonly Identifier[]
  /** As identity knew it before anything was deleted. */
  readonly person?: Person
}

interface Row {
  readonly id: string
  readonly state: DeletionState
  readonly reason: string
  readonly suppress: boolean
  readonly requested_at: Date
  readonly ended_at: Date | null
  readonly error: string | null
  readonly hashes: string
  readonly pending: string | null
  readonly receipt: string
}

export function newDeletion(
  id: string,
  given: readonly Identifier[],
  { reason, suppress, now }: { readonly reason: string; readonly suppress: boolean; readonly now: Date },
): Deletion {
  const receipt: Receipt = { identifiers: {}, rows: [], notes: NOTES }
  const common = { state: 'running', endedAt: null, error: null, hashes: [], pending: { given }, receipt } as const
  return { id, reason, suppress, requestedAt: now, ...common }
}

/** All, the newest first. */
export async function readDeletions(state: State): Promise<readonly Deletion[]> {
  const rows = await state.warehouse.session((session) =>
    session.query<Row>(state.table('deletions').select('*').orderBy('requested_at', 'desc')),
  )
  return rows.map(fromRow)
}

export async function readDeletion(state: State, id: string): Promise<Deletion | undefined> {
  const [row] = await state.warehouse.session((session) =>
    session.query<Row>(state.table('deletions').select('*').where({ id })),
  )
  return row && fromRow(row)
}

/** Within a transaction; there is one writer of a deletion at a time. */
export async function replaceDeletion(session: Session, state: State, deletion: Deletion): Promise<void> {
  await session.run(state.table('deletions').where({ id: deletion.id }).delete())
  await session.run(state.table('deletions').insert(toRow(deletion)))
}

function toRow(deletion: Deletion): Row {
  const { id, state, reason, suppress, requestedAt, endedAt, error, hashes, pending, receipt } = deletion
  return {
    id,
    state,
    reason,
    suppress,
    requested_at: requestedAt,
    ended_at: endedAt,
    error,
    hashes: JSON.stringify(hashes),
    pending: pending === undefined ? null : JSON.stringify(pending),
    receipt: JSON.stringify(receipt),
  }
}

function fromRow({ requested_at, ended_at, hashes, pending, receipt, ...row }: Row): Deletion {
  // Written by `toRow`.
  return {
    ...row,
    requestedAt: requested_at,
    endedAt: ended_at,
    hashes: JSON.parse(hashes) as readonly string[],
    pending: pending === null ? undefined : (JSON.parse(pending) as Pending),
    receipt: JSON.parse(receipt) as Receipt,
  }
}
