import { type AcceptedEvent, type EventType, isJsonObject } from './event.ts'
import { flatten, type OnDiscard } from './flatten.ts'
import { type JsonPathsByType, jsonPathsOfMember } from './json-paths.ts'
import { Paths } from './paths.ts'
import { putIdentifier, putInstant, putText } from './put-values.ts'
import { RowValues } from './row-values.ts'
import { isSpelledText, spelledText } from './spelled-text.ts'
import type { EventTimes } from './time.ts'

const MAX_CONTEXT_COLUMNS = 500

/** Columns of every event table. Those that start with `_`, and `uuid_ts`, are the loader's. */
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
  'uuid_ts',
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

/** `context_ip` may be given, and is then what the client passed. */
const CONTEXT = new Paths({
  prefix: 'context_',
  reserved: new Set(STANDARD.filter((column) => column !== 'context_ip')),
})

interface Settings {
  readonly discard: OnDiscard
  /** What of the event stays JSON. */
  readonly json: JsonPathsByType | undefined
}

/** The columns that all events have, and their flattened context. */
export function standardColumns(
  event: AcceptedEvent,
  times: EventTimes,
  requestIp: string,
  settings: Settings,
): RowValues {
  const { discard } = settings
  const values = new RowValues()
  putIdentifier(values, 'id', event.messageId, discard)
  putIdentifier(values, 'anonymous_id', event.anonymousId, discard)
  putIdentifier(values, 'user_id', event.userId, discard)
  putInstant(values, 'sent_at', times.sentAt, event.sentAt, discard)
  putInstant(values, 'timestamp', times.timestamp, event.timestamp, discard)
  values.set('received_at', { type: 'datetime', value: times.receivedAt })
  putInstant(values, 'original_timestamp', times.originalTimestamp, event.originalTimestamp, discard)
  putText(values, 'channel', event.channel, discard)
  putContext(values, event, requestIp, settings)
  return values
}

/** `context_ip` is the address the client names, else the one it called from. */
function putContext(values: RowValues, event: AcceptedEvent, requestIp: string, { discard, json }: Settings): void {
  CONTEXT.beginEvent()
  const target = { values, paths: CONTEXT, limit: MAX_CONTEXT_COLUMNS, count: 0, discard }
  flatten(withTextTraits(event.context), 'context', target, jsonPathsOfMember(json, event.type, 'context'))
  const passed = values.get('context_ip')
  putText(values, 'context_ip', passed?.text ?? passed?.value ?? requestIp, discard)
  putText(values, 'context_request_ip', requestIp, discard)
  putText(values, 'context_passed_ip', passed?.text ?? passed?.value, discard)
}

/** Some clients spread a text over numbered keys; as it was meant, it is one column. */
function withTextTraits(context: unknown): unknown {
  if (!isJsonObject(context) || !isJsonObject(context.traits) || !isSpelledText(context.traits)) return context
  return { ...context, traits: spelledText(context.traits) }
}
