import { type AcceptedEvent, EVENT_TYPES, type EventType, isEventType, isJsonObject } from './event.ts'
import { identifierText } from './identifier.ts'
import { wrongMember } from './member-types.ts'
import { rudderId } from './rudder-id.ts'
import { isInstant } from './time.ts'
import { type Unwritable, unwritable } from './unwritable.ts'

/** Whole documents sent as id would bloat every index they reach. */
const MAX_MESSAGE_ID = 512

/** Deeper JSON overflows the stack of whatever walks it; no SDK nests more than a few levels. */
const MAX_LEVELS = 200

const UNWRITABLE: Readonly<Record<Unwritable, string>> = {
  deep: `event nests deeper than ${MAX_LEVELS} levels`,
  infinite: 'a number in the event is beyond 1.8e308',
}

export interface AcceptContext {
  /** Of a single endpoint's path; overrides the body's. Absent in a batch, where each event carries its own. */
  readonly type?: EventType | undefined
  /** ISO instant of the request. */
  readonly receivedAt: string
  readonly requestIp: string
  /** A new UUID, for events without a message id. */
  readonly id: () => string
}

export type Accepted = { readonly event: AcceptedEvent }

/** Why an event is refused, as the client reads it, and the member at fault. */
export type Refused = { readonly reason: string; readonly field?: string }

/**
 * Validates one parsed JSON value as an event and fills in what the client may leave out. Everything else stays as
 * received. The wording about missing ids is grepped for by RudderStack's mobile SDKs.
 */
export function acceptEvent(value: unknown, context: AcceptContext): Accepted | Refused {
  if (!isJsonObject(value)) return { reason: 'event is not a JSON object' }
  const type = context.type ?? value.type
  if (!isEventType(type))
    return {
      reason: `type must be one of ${EVENT_TYPES.join(', ')}`,
      field: 'type',
    }
  const anonymousId = identifierText(value.anonymousId)
  const userId = identifierText(value.userId)
  if (anonymousId === undefined && userId === undefined) {
    return {
      reason: 'request neither has anonymousId nor userId',
      field: 'userId',
    }
  }
  const wrong = wrongMember(value)
  if (wrong !== undefined) return wrong
  const messageId = (typeof value.messageId === 'string' && identifierText(value.messageId)) || context.id()
  if (messageId.length > MAX_MESSAGE_ID) {
    return {
      reason: `messageId is longer than ${MAX_MESSAGE_ID} characters`,
      field: 'messageId',
    }
  }
  const fault = unwritable(MAX_LEVELS, value)
  if (fault !== undefined) return { reason: UNWRITABLE[fault] }
  const { receivedAt: sentReceivedAt, request_ip: sentIp } = value
  const receivedAt = isInstant(sentReceivedAt) ? sentReceivedAt : context.receivedAt
  const request_ip = typeof sentIp === 'string' && sentIp.trim() !== '' ? sentIp : context.requestIp
  const filled = { type, messageId, receivedAt, request_ip, rudderId: rudderId(userId ?? '', anonymousId ?? '') }
  return { event: { ...value, ...filled } }
}
