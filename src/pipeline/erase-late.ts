import { eventRows, type Tombstones } from '../event/index.ts'
import { type ArchiveStore, decodeRecord, eraseArchived, type LogRange } from '../log/index.ts'
import type { State } from '../state/state.ts'
import type { TombstoneList } from './tombstone-list.ts'

export interface LateErasure {
  readonly archive: ArchiveStore
  readonly state: State
  readonly tombstones: TombstoneList
}

/**
 * Erases in an archived segment what came of deleted people after their deletion and is from before it. Only where a load
 * kept such records out is the segment read.
 */
export async function eraseLate(
  { archive, state, tombstones }: LateErasure,
  range: LogRange,
  signal: AbortSignal,
): Promise<void> {
  if (!(await keptOut(state, range))) return
  const inForce = await tombstones.inForce()
  const isGone = (payload: Buffer) => isErased(payload, inForce, { live: true })
  await eraseArchived({ archive, isGone, mayHold: ({ first }) => first === range.first, signal })
}

/** Whether a log record, or a line of an archived import where it is not `live`, is of a deleted person. */
export function isErased(payload: Buffer, tombstones: Tombstones, how: { readonly live: boolean }): boolean {
  try {
    const record = decodeRecord(payload)
    switch (record.kind) {
      case 'event':
        return tombstones.erases(eventRows(record), how)
      case 'rejected':
        return tombstones.erasesText(record.body, record.receivedAt)
      case 'erased':
        return false
    }
  } catch {
    // What an other version wrote and this one cannot read is judged by its words.
    return tombstones.erasesText(payload.toString('utf8'), undefined)
  }
}

async function keptOut(state: State, { first, last }: LogRange): Promise<boolean> {
  const loads = state.table('loads').where({ consumer: 'warehouse' }).where('erased', '>', 0)
  const overlapping = loads.where('last_position', '>=', first).where('first_position', '<=', last)
  const rows = await state.warehouse.session((session) => session.query(overlapping.select('id').limit(1)))
  return rows.length > 0
}
