import { type Discard, discardOf } from './discards.ts'
import { type AcceptedEvent, type EventType, isJsonObject } from './event.ts'
import { flatten, flattenBeside, type OnDiscard, type Target } from './flatten.ts'
import { type JsonPathsByType, jsonPathsOf, jsonPathsOfMember, requestedJsonPaths } from './json-paths.ts'
import { snakeName, tableName } from './naming.ts'
import { Paths } from './paths.ts'
import { discardIfAny, putIdentifier, putText } from './put-values.ts'
import { RowValues } from './row-values.ts'
import type { SourceShape } from './source-shape.ts'
import { RESERVED_COLUMNS, standardColumns } from './standard-columns.ts'
import { eventTimes } from './time.ts'
import { jsonText } from './value.ts'

/** An event as the log keeps it. */
export interface EventRecord {
  readonly source: string
  /** ISO instant at which the server had it; the `received_at` of its rows, whatever the event says. */
  readonly receivedAt: string
  readonly requestIp: string
  readonly event: AcceptedEvent
}

export interface EventRow {
  readonly table: string
  readonly values: RowValues
}

export interface EventRows {
  /** The message id. */
  readonly id: string
  /** First the row of the table of its type, which holds every event of that type once. */
  readonly rows: readonly EventRow[]
  readonly discards: readonly Discard[]
}

const MAX_CUSTOM_COLUMNS = 1000

/** The whole event, as RudderStack calls it where it is asked to store it. */
const EVENT = 'rudder_event'

/** The table that holds every event of a type. */
const PRIMARY_TABLES: Readonly<Record<EventType, string>> = {
  track: 'tracks',
  identify: 'identifies',
  page: 'pages',
  screen: 'screens',
  group: 'groups',
  alias: 'aliases',
  merge: 'merges',
}

/** The members that become columns without a prefix, the last one's before the others'. */
const MEMBERS = {
  track: ['properties', 'userProperties'],
  identify: ['userProperties', 'traits'],
  page: ['properties'],
  screen: ['properties'],
  group: ['traits'],
  alias: ['traits'],
  merge: [],
} as const satisfies Record<EventType, readonly Member[]>

type Member = 'properties' | 'traits' | 'userProperties'

const ALL_MEMBERS: readonly Member[] = ['properties', 'traits', 'userProperties']

/** Identifiers in one merge, as RudderStack's merge rules have it. */
const MERGED = 2

/** Of each type, the columns its members become. A trait called user_id is not the event's user id. */
const PATHS: Readonly<Record<EventType, Paths>> = {
  track: new Paths({ prefix: '', reserved: RESERVED_COLUMNS.track }),
  identify: new Paths({
    prefix: '',
    reserved: RESERVED_COLUMNS.identify,
    renamed: new Map([['user_id', '_user_id']]),
  }),
  page: new Paths({ prefix: '', reserved: RESERVED_COLUMNS.page }),
  screen: new Paths({ prefix: '', reserved: RESERVED_COLUMNS.screen }),
  group: new Paths({ prefix: '', reserved: RESERVED_COLUMNS.group }),
  alias: new Paths({ prefix: '', reserved: RESERVED_COLUMNS.alias }),
  merge: new Paths({ prefix: '', reserved: RESERVED_COLUMNS.merge }),
}

/** Columns of `identifies` that `users` has not. */
const NOT_OF_USERS: ReadonlySet<string> = new Set(['id', 'anonymous_id', 'user_id', 'channel', EVENT])

/**
 * The warehouse rows of an event, by RudderStack's warehouse schema. Every value of context, properties and traits is
 * in a row or in the discards, but for blank ones; unknown top-level members stay in the log only.
 */
export function eventRows({ receivedAt, requestIp, event }: EventRecord, shape?: SourceShape): EventRows {
  const discards: Discard[] = []
  const times = eventTimes(event, receivedAt)
  const table = PRIMARY_TABLES[event.type]
  const discardTo = (name: string): OnDiscard => {
    return (column, value, reason) => discards.push(discardOf(name, column, value, reason))
  }
  const discard = discardTo(table)
  const json = jsonOf(event, shape)
  const values = standardColumns(event, times, event.request_ip || requestIp, { discard, json })
  discardMisplaced(event, discard)
  const rows = rowsByType(event, { table, values, discard, json }, discardTo)
  // The row of the type's own table; users and the tables of single events have no need of it.
  if (shape?.storesEvents === true) values.set(EVENT, { type: 'json', value: jsonText(event) })
  return { id: event.messageId, rows, discards }
}

/** What of the event stays JSON, by its source's settings and by its own. */
function jsonOf(event: AcceptedEvent, shape: SourceShape | undefined): JsonPathsByType | undefined {
  const requested = requestedJsonPaths(event.integrations)
  if (requested.length === 0) return shape?.jsonPaths
  return jsonPathsOf([...(shape?.jsonPathTexts ?? []), ...requested])
}

function discardMisplaced(event: AcceptedEvent, discard: OnDiscard): void {
  const used: readonly Member[] = MEMBERS[event.type]
  for (const member of ALL_MEMBERS) {
    if (event[member] === undefined || used.includes(member)) continue
    discardIfAny(member, event[member], `no column of ${event.type} events`, discard)
  }
}

/** The event's row in the table of its type, and where what does not fit goes. */
interface Draft {
  readonly table: string
  readonly values: RowValues
  readonly discard: OnDiscard
  readonly json: JsonPathsByType | undefined
}

function rowsByType(event: AcceptedEvent, draft: Draft, discardTo: (table: string) => OnDiscard): readonly EventRow[] {
  const { table, values, discard } = draft
  switch (event.type) {
    case 'track':
      return trackRows(event, draft, discardTo)
    case 'identify':
      putIdentified(event, draft)
      return [{ table, values }, ...userRow(values)]
    case 'page':
    case 'screen':
      putText(values, 'name', event.name || nameProperty(event.properties), discard)
      putMembers(event, draft)
      return [{ table, values }]
    case 'group':
      putIdentifier(values, 'group_id', event.groupId, discard)
      putMembers(event, draft)
      return [{ table, values }]
    case 'alias':
      putIdentifier(values, 'previous_id', event.previousId, discard)
      putMembers(event, draft)
      return [{ table, values }]
    case 'merge':
      putMergeProperties(values, event.mergeProperties, discard)
      return [{ table, values }]
  }
}

/** The two identifiers that a merge says are of one person, each as type and value. */
function putMergeProperties(values: RowValues, sent: unknown, discard: OnDiscard): void {
  if (!Array.isArray(sent)) return discardIfAny('mergeProperties', sent, 'mergeProperties is not a list', discard)
  for (const [index, property] of sent.entries()) {
    const column = `merge_property_${index + 1}`
    if (index >= MERGED) discardIfAny(column, property, `a merge names ${MERGED} identifiers`, discard)
    else if (!isJsonObject(property)) discardIfAny(column, property, 'not an object of type and value', discard)
    else {
      putText(values, `${column}_type`, property.type, discard)
      putIdentifier(values, `${column}_value`, property.value, discard)
    }
  }
}

/** A row of `tracks` without properties, and one with them in the event's own table. */
function trackRows(event: AcceptedEvent, draft: Draft, discardTo: (table: string) => OnDiscard): readonly EventRow[] {
  const { table, values, discard, json } = draft
  putText(values, 'event_text', event.event, discard)
  const text = values.get('event_text')?.value
  const name = typeof text === 'string' ? snakeName(text) : undefined
  const eventTable = typeof text === 'string' ? tableName(text) : undefined
  const tracks = { table, values }
  if (name === undefined || eventTable === undefined) {
    for (const member of MEMBERS.track) {
      discardIfAny(member, event[member], 'the event has no name that makes a table', discard)
    }
    return [tracks]
  }
  values.set('event', { type: 'string', value: name })
  const row: Draft = { table: eventTable, values: values.copy(), discard: discardTo(eventTable), json }
  putMembers(event, row)
  return [tracks, { table: row.table, values: row.values }]
}

/** A user's row in `users`: the columns of `identifies` that describe the user, if it names one. */
function userRow(values: RowValues): readonly EventRow[] {
  const id = values.get('user_id')
  if (id === undefined) return []
  const described = new RowValues()
  described.set('id', id)
  for (const [column, value] of values) if (!NOT_OF_USERS.has(column)) described.set(column, value)
  return [{ table: 'users', values: described }]
}

/** Puts the members that become columns. */
function putMembers(event: AcceptedEvent, { values, discard, json }: Draft): Target {
  const { type } = event
  const paths = PATHS[type]
  const target: Target = { values, paths, limit: MAX_CUSTOM_COLUMNS, count: 0, discard }
  paths.beginEvent()
  for (const member of MEMBERS[type]) {
    if (event[member] !== undefined) flatten(event[member], member, target, jsonPathsOfMember(json, type, member))
  }
  return target
}

/**
 * Puts an identify's traits: its own, and those in its context, where RudderStack's SDKs for browsers and apps write them. Their
 * own columns of the context have these too, so nothing is lost where another trait has the name.
 */
function putIdentified(event: AcceptedEvent, draft: Draft): void {
  const target = putMembers(event, draft)
  if (isJsonObject(event.context)) flattenBeside(event.context.traits, target)
}

function nameProperty(properties: unknown): unknown {
  const name = isJsonObject(properties) ? properties.name : undefined
  return typeof name === 'object' ? undefined : name
}
