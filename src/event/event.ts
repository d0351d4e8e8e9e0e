/**
 * The event: one Segment-spec message.
 *
 * event         a JSON object of one of seven types, as a source sent it
 * accepted      it passed validation and carries type, messageId, receivedAt, request_ip and rudderId; all else is as received
 * event type    what the message says: identify (who), track (did), page and screen (saw), group (belongs to), alias (is
 *               also), merge (these identifiers are one)
 * traits        what is known of a person or group; properties: what is known of one occurrence
 * row           the event as one line of one warehouse table
 * discard       a value of the event that did not fit into its row, with the reason
 * owner         the identifier a row belongs to: the user id, else the anonymous id
 */

/** Every type of event, as written in `type` and in the path of a single endpoint. */
export const EVENT_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'merge'] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** Whether a value is exactly the name of an event type. */
export function isEventType(value: unknown): value is EventType {
  return (EVENT_TYPES as readonly unknown[]).includes(value)
}

/** A JSON object, nothing known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a parsed JSON value is an object, not an array or null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An event as received, with what the gateway fills in. Members typed `unknown` are whatever the client sent. */
export interface AcceptedEvent extends JsonObject {
  readonly type: EventType
  /** Unique within its source; trimmed, never empty. */
  readonly messageId: string
  /** ISO instant; the client's own where it sent one. */
  readonly receivedAt: string
  readonly request_ip: string
  /** One for each pair of userId and anonymousId, as RudderStack's transformations know it; older records have none. */
  readonly rudderId?: string
  readonly userId?: unknown
  readonly anonymousId?: unknown
  readonly previousId?: unknown
  readonly groupId?: unknown
  readonly event?: unknown
  readonly name?: unknown
  readonly channel?: unknown
  readonly properties?: unknown
  readonly traits?: unknown
  readonly userProperties?: unknown
  readonly mergeProperties?: unknown
  readonly context?: unknown
  readonly timestamp?: unknown
  readonly originalTimestamp?: unknown
  readonly sentAt?: unknown
}
