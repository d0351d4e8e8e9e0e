import { MusterError } from '../core/errors.ts'
import { type AcceptedEvent, acceptEvent, type EventType, isJsonObject } from '../event/index.ts'
import { encodeRecord, type LogEntry } from '../log/index.ts'

/** What all events of one request share. */
export interface Arrival {
  /** Name of the source whose write key came with the request. */
  readonly source: string
  readonly receivedAt: string
  readonly requestIp: string
}

export interface Refusal {
  readonly index: number
  readonly reason: string
}

/** A request's events as records of the log: accepted ones, and refused ones with their reasons. */
export interface Collected {
  readonly entries: readonly LogEntry[]
  readonly refused: readonly Refusal[]
}

/** What merging a batch's shared context into each event may make of one request, as a multiple of its limit. */
const MAX_GROWTH = 8

/**
 * Turns the events of one request into log records. A refused event does not hold back the others.
 * @throws MusterError `request_too_large` when the records come to many times what a request may hold
 */
export function collectEvents(
  values: Iterable<unknown>,
  arrival: Arrival,
  { type, id, maxBytes }: { type: EventType | undefined; id: () => string; maxBytes: number },
): Collected {
  const entries: LogEntry[] = []
  const refused: Refusal[] = []
  let bytes = 0
  for (const value of values) {
    const index = entries.length
    const result = acceptEvent(withoutWriteKey(value), { ...arrival, type, id })
    const entry = 'event' in result ? eventEntry(result.event, arrival) : refusedEntry(result.reason, value, index)
    if ('reason' in result) refused.push({ index, reason: result.reason })
    entries.push(entry)
    bytes += entry.payload.length
    if (bytes > MAX_GROWTH * maxBytes) {
      throw new MusterError('request_too_large', 'request size exceeds max limit once its batch members are merged')
    }
  }
  return { entries, refused }

  function refusedEntry(reason: string, value: unknown, index: number): LogEntry {
    return rejectedEntry(type === undefined ? `batch[${index}]: ${reason}` : reason, textOf(value), arrival)
  }
}

/** The record of something refused. */
export function rejectedEntry(reason: string, body: string, arrival: Arrival): LogEntry {
  return { key: '', payload: encodeRecord({ kind: 'rejected', ...arrival, reason, body }) }
}

function eventEntry(event: AcceptedEvent, { source, receivedAt, requestIp }: Arrival): LogEntry {
  const { anonymousId, userId } = event
  const payload = encodeRecord({ kind: 'event', source, receivedAt, requestIp, event })
  return { key: keyText(anonymousId) || keyText(userId), payload }
}

function keyText(id: unknown): string {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : ''
}

/** A key in the body is for the gateway only. */
function withoutWriteKey(value: unknown): unknown {
  if (!isJsonObject(value) || !Object.hasOwn(value, 'writeKey')) return value
  const { writeKey: _, ...event } = value
  return event
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // JSON.parse reads deeper than JSON.stringify can write; the reason of the refusal says so too.
    return ''
  }
}
