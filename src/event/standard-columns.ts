import type { AcceptedEvent, EventType } from './event.ts'
import { type Columns, flatten, type OnDiscard } from './flatten.ts'
import { putColumns, putIdentifier, putInstant, putText, type Values } from './row-values.ts'
import type { EventTimes } from './time.ts'

const MAX_CONTEXT_COLUMNS = 500

/** Columns of every event table. Those that start with `_` are the loader's. */
const STANDARD = [
  'id',
  'anonymous_id',
  'user_id',
  'sent_at',
  'timestamp',
  'received_at',
  'original_timestamp',
  'channel',
  'context_ip',
  'context_request_ip',
  'context_passed_ip',
  '_load',
  '_position',
  '_identifier',
]

const STANDARD_SET: ReadonlySet<string> = new Set(STANDARD)

/** Columns whose meaning is fixed; a property or trait of such a name is discarded. */
export const RESERVED_COLUMNS: Readonly<Record<EventType, ReadonlySet<string>>> = {
  track: new Set([...STANDARD, 'event', 'event_text']),
  identify: STANDARD_SET,
  page: STANDARD_SET,
  screen: STANDARD_SET,
  group: new Set([...STANDARD, 'group_id']),
  alias: new Set([...STANDARD, 'previous_id']),
  merge: STANDARD_SET,
}

/** The columns that all events have, and their flattened context. */
export function standardColumns(
  event: AcceptedEvent,
  times: EventTimes,
  requestIp: string,
  discard: OnDiscard,
): Values {
  const values: Values = {}
  putIdentifier(values, 'id', event.messageId, discard)
  putIdentifier(values, 'anonymous_id', event.anonymousId, discard)
  putIdentifier(values, 'user_id', event.userId, discard)
  putInstant(values, 'sent_at', times.sentAt, event.sentAt, discard)
  putInstant(values, 'timestamp', times.timestamp, event.timestamp, discard)
  values.received_at = { type: 'datetime', value: times.receivedAt }
  putInstant(values, 'original_timestamp', times.originalTimestamp, event.originalTimestamp, discard)
  putText(values, 'channel', event.channel, discard)
  putContext(values, event.context, requestIp, discard)
  return values
}

/** `context_ip` is the address the client names, else the one it called from. */
function putContext(values: Values, context: unknown, requestIp: string, discard: OnDiscard): void {
  const columns: Columns = new Map()
  flatten(context, 'context', 'context_', { columns, limit: MAX_CONTEXT_COLUMNS, discard })
  const passed = columns.get('context_ip')
  columns.delete('context_ip')
  putText(values, 'context_ip', passed?.text ?? passed?.value ?? requestIp, discard)
  putText(values, 'context_request_ip', requestIp, discard)
  putText(values, 'context_passed_ip', passed?.text ?? passed?.value, discard)
  putColumns(values, columns, STANDARD_SET, discard)
}
