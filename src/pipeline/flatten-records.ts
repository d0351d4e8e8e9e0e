import { setImmediate } from 'node:timers/promises'
import { messageOf } from '../core/errors.ts'
import { eventRows, isEventType, isJsonObject } from '../event/index.ts'
import { decodeRecord, type EventLogRecord, type StoredRecord } from '../log/index.ts'
import type { Loadable } from '../warehouse/load-events.ts'
import type { Refusal } from './landing.ts'
import type { SourceShapes } from './source-shapes.ts'

/** What a stretch of the log means for the warehouse. */
export interface Flattened {
  readonly events: readonly Loadable[]
  readonly refusals: readonly Refusal[]
  /** When the earliest event was received. */
  readonly oldest: Date
}

/** After so many records others get a turn: flattening all at once would stop the process for a second. */
const RECORDS_A_TURN = 500

/** Characters kept of a record that cannot be read. */
const MAX_BODY = 64 * 1024

/** Flattens records of the log. One that cannot be read or flattened becomes a refusal: it must not hold up the rest. */
export async function flattenRecords(
  records: readonly StoredRecord[],
  now: Date,
  shapes: SourceShapes = new Map(),
): Promise<Flattened> {
  const events: Loadable[] = []
  const refusals: Refusal[] = []
  let oldest = now.getTime()
  for (const [index, stored] of records.entries()) {
    if (index % RECORDS_A_TURN === 0) await setImmediate()
    const landed = flattenRecord(stored, now, shapes)
    if (landed === undefined) continue
    if ('reason' in landed) refusals.push(landed)
    else {
      events.push(landed.event)
      oldest = Math.min(oldest, landed.receivedAt)
    }
  }
  return { events, refusals, oldest: new Date(oldest) }
}

type Landable = { readonly event: Loadable; readonly receivedAt: number }

/** Nothing where a deleted person's record was. */
function flattenRecord(stored: StoredRecord, now: Date, shapes: SourceShapes): Landable | Refusal | undefined {
  const { sequence: position, payload } = stored
  try {
    const record = decodeRecord(payload)
    const receivedAt = Date.parse(record.receivedAt)
    switch (record.kind) {
      case 'event':
        requireEvent(record)
        return {
          event: { ...eventRows(record, shapes.get(record.source)), source: record.source, position },
          receivedAt,
        }
      case 'rejected': {
        const { source, reason, body } = record
        return { source: source ?? '', position, receivedAt: new Date(receivedAt).toISOString(), reason, body }
      }
      case 'erased':
        return undefined
    }
  } catch (error) {
    return {
      source: '',
      position,
      receivedAt: now.toISOString(),
      reason: `record ${position} of the log cannot be landed: ${messageOf(error)}`,
      body: payload.toString('utf8').replaceAll('\0', '\ufffd').slice(0, MAX_BODY),
    }
  }
}

/** The log hands out what was written, perhaps by another version of Muster. */
function requireEvent({ source, event }: EventLogRecord): void {
  if (typeof source !== 'string') throw new TypeError('it names no source')
  if (!isJsonObject(event) || !isEventType(event.type)) throw new TypeError('it holds no event')
  if (typeof event.messageId !== 'string') throw new TypeError('its event has no message id')
}
