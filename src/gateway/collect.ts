import { MusterError } from '../core/errors.ts'
import {
  type AcceptedEvent,
  acceptEvent,
  type EventType,
  isJsonObject,
  type JsonObject,
  type Suppressions,
} from '../event/index.ts'
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
  /** Events of suppressed people, which are in no record. */
  readonly suppressed: number
}

/** How events become records. */
export interface Collecting {
  /** The type that the path gives; absent in a batch, where each event says its own. */
  readonly type: EventType | undefined
  /** A new UUID. */
  readonly id: () => string
  /** Of one request, and of one event. */
  readonly maxBytes: number
  readonly maxEventBytes: number | undefined
  /** Of a request of one event, kept where no JSON writer could write the event. */
  readonly text: string | undefined
  readonly suppressions: Suppressions
}

/** What merging a batch's shared context into each event may make of one request, as a multiple of its limit. */
const MAX_GROWTH = 8

/**
 * Turns the events of one request into log records. A refused event does not hold back the others.
 * @throws MusterError `request_too_large` when the records come to many times what a request may hold
 */
export function collectEvents(values: Iterable<unknown>, arrival: Arrival, collecting: Collecting): Collected {
  const { type, maxBytes, suppressions } = collecting
  const entries: LogEntry[] = []
  const refused: Refusal[] = []
  let suppressed = 0
  let bytes = 0
  let index = 0
  for (const value of values) {
    const place = index++
    if (isJsonObject(value) && suppressions.has(value)) {
      suppressed++
      continue
    }
    const result = entryOf(value, arrival, collecting)
    if ('reason' in result) refused.push({ index: place, reason: result.reason })
    const entry = 'reason' in result ? refusedEntry(result.reason, value, place) : result
    entries.push(entry)
    bytes += entry.payload.length
    if (bytes > MAX_GROWTH * maxBytes) {
      throw new MusterError('request_too_large', 'request size exceeds max limit once its batch members are merged')
    }
  }
  return { entries, refused, suppressed }

  function refusedEntry(reason: string, value: unknown, place: number): LogEntry {
    const named = type === undefined ? `batch[${place}]: ${reason}` : reason
    return rejectedEntry(named, jsonOf(withoutWriteKey(value)) ?? collecting.text ?? '', arrival)
  }
}

/** The record of something refused. */
export function rejectedEntry(reason: string, body: string, arrival: Arrival): LogEntry {
  return { key: '', payload: encodeRecord({ kind: 'rejected', ...arrival, reason, body }) }
}

function entryOf(
  value: unknown,
  arrival: Arrival,
  { type, id, maxEventBytes }: Collecting,
): LogEntry | { readonly reason: string } {
  const result = acceptEvent(withoutWriteKey(value), { ...arrival, type, id })
  if ('reason' in result) return result
  if (maxEventBytes !== undefined) {
    const bytes = Buffer.byteLength(JSON.stringify(value))
    if (bytes > maxEventBytes) return { reason: `event of ${bytes} bytes is larger than ${maxEventBytes}` }
  }
  return eventEntry(result.event, arrival)
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

/** JSON of a value as far as it can be written: numbers beyond what JSON holds as text; undefined for what nests too deeply. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, member: unknown) => (isEndless(member) ? String(member) : member))
  } catch {
    // JSON.parse reads deeper than JSON.stringify can write; the reason of the refusal says so too.
    return undefined
  }
}

function isEndless(member: unknown): boolean {
  return member === Infinity || member === -Infinity
}

/** What may be kept of a body that is refused as a whole: nothing of suppressed people, and not the key. */
export function keepable(body: JsonObject, suppressions: Suppressions): string {
  const { writeKey: _, batch, ...rest } = body
  const isKept = (value: unknown) => !(isJsonObject(value) && suppressions.has(value))
  if (Array.isArray(batch)) return jsonOf({ ...rest, batch: batch.filter(isKept) }) ?? ''
  return isKept(rest) ? (jsonOf(batch === undefined ? rest : { ...rest, batch }) ?? '') : ''
}
