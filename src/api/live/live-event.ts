/**
 * The live tail.
 *
 * live event   a record of the log as the tail shows it: an event and its fate
 * fate         what the gateway did with it: accepted or rejected
 * look         the records read in one go, a few times a second, for all who watch
 * feed         the events on their way to one who watches
 * skipped      records that a feed left out, counted with the event that follows them
 */
import { isJsonObject, type JsonObject } from '../../event/index.ts'
import { decodeRecord, type StoredRecord } from '../../log/index.ts'

export type Fate = 'ACCEPTED' | 'REJECTED'

export interface LiveEvent {
  /** Sequence number in the log. */
  readonly position: number
  readonly receivedAt: Date
  readonly source: string | null
  readonly requestIp: string
  readonly fate: Fate
  /** Why it was rejected. */
  readonly reason: string | null
  readonly type: string | null
  /** Of a track event its `event`, else its `name`. */
  readonly event: string | null
  readonly userId: string | null
  readonly anonymousId: string | null
  readonly messageId: string | null
  /** The accepted event. */
  readonly payload: JsonObject | null
  /** The text of what was rejected. */
  readonly body: string | null
}

const ERASED = { reason: 'the person was deleted', body: '' }

/** A record as a live event. What was rejected is read as far as it can be. Throws `log_corrupt`. */
export function liveEventOf({ sequence, payload }: StoredRecord): LiveEvent {
  const record = decodeRecord(payload)
  const { source, requestIp } = record
  const common = { position: sequence, receivedAt: new Date(record.receivedAt), source, requestIp }
  if (record.kind === 'event') {
    return { ...common, fate: 'ACCEPTED', reason: null, ...membersOf(record.event), payload: record.event, body: null }
  }
  const { reason, body } = record.kind === 'erased' ? ERASED : record
  return { ...common, fate: 'REJECTED', reason, ...membersOf(parsed(body)), payload: null, body }
}

function membersOf(event: JsonObject) {
  return {
    type: text(event.type),
    event: text(event.event) ?? text(event.name),
    userId: text(event.userId),
    anonymousId: text(event.anonymousId),
    messageId: text(event.messageId),
  }
}

function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

function parsed(body: string): JsonObject {
  try {
    const value: unknown = JSON.parse(body)
    return isJsonObject(value) ? value : {}
  } catch {
    return {} // often that is why it was rejected
  }
}
