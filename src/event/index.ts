export {
  type AcceptContext,
  type Accepted,
  acceptEvent,
  type Refused,
} from './accept.ts'
export {
  type AcceptedEvent,
  EVENT_TYPES,
  type EventType,
  isEventType,
  isJsonObject,
  type JsonObject,
} from './event.ts'
