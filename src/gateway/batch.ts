import { MusterError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../event/index.ts'

/** The events of a batch body, each with what the batch says for all: sentAt, timestamp, context and integrations. */
export function batchEvents(body: JsonObject, maxBytes: number): Iterable<unknown> {
  const { batch } = body
  if (!Array.isArray(batch)) {
    throw new MusterError('request_malformed', 'the body has no list "batch"', {
      hint: 'Send {"batch": [ … ]}, or one event to /v1/track and its like.',
    })
  }
  if (batch.length === 0) throw new MusterError('request_malformed', 'empty batch payload')
  const shared = sharedMembers(body)
  if (shared !== undefined && sharedBytes(shared) * batch.length > MAX_SHARED_GROWTH * maxBytes) {
    throw new MusterError('request_too_large', 'request size exceeds max limit once its batch members are merged')
  }
  return shared === undefined ? batch : eachWithShared(batch, shared)
}

/** One at a time: a large context merged into thousands of events at once would fill the memory. */
function* eachWithShared(batch: readonly unknown[], shared: Shared): Iterable<unknown> {
  for (const event of batch) yield withShared(event, shared)
}

/** What the shared members may come to in all events, as a multiple of what a request may hold. */
const MAX_SHARED_GROWTH = 2

/** 0 for what no JSON writer can write: each event is refused for it. */
function sharedBytes({ context, integrations }: Shared): number {
  try {
    return JSON.stringify([context, integrations]).length
  } catch {
    return 0
  }
}

interface Shared {
  readonly sentAt: unknown
  readonly timestamp: unknown
  readonly context: JsonObject | undefined
  readonly integrations: JsonObject | undefined
}

function sharedMembers({ sentAt, timestamp, context, integrations }: JsonObject): Shared | undefined {
  const shared = { sentAt, timestamp, context: objectOr(context), integrations: objectOr(integrations) }
  return Object.values(shared).some((member) => member !== undefined && member !== null) ? shared : undefined
}

/** What the event says itself wins; context and integrations are merged member by member. */
function withShared(event: unknown, { sentAt, timestamp, context, integrations }: Shared): unknown {
  if (!isJsonObject(event)) return event
  const ownTime = event.timestamp ?? event.originalTimestamp
  return {
    ...event,
    ...(sentAt != null && event.sentAt == null && { sentAt }),
    ...(timestamp != null && ownTime == null && { timestamp }),
    ...(context && { context: merged(context, event.context) }),
    ...(integrations && { integrations: merged(integrations, event.integrations) }),
  }
}

function merged(shared: JsonObject, own: unknown): unknown {
  if (own === undefined || own === null) return shared
  return isJsonObject(own) ? { ...shared, ...own } : own
}

function objectOr(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}
