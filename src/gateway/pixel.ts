import type { EventType, JsonObject } from '../event/index.ts'

/** A transparent picture of one pixel. */
export const PIXEL: Uint8Array<ArrayBuffer> = new Uint8Array(
  Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
)

const MAX_PARTS = 20
const QUOTES = /^(["'])(.*)\1$/s

/**
 * The event that a pixel's query means, as RudderStack reads it: `context.page.url=…` nests, quotes around the anonymous id
 * go, a page without a name is "Unknown Page".
 */
export function pixelEvent(type: EventType, query: URLSearchParams, sentAt: string): JsonObject {
  const event: Branch = Object.create(null)
  for (const [path, value] of query) if (path !== 'writeKey') put(event, path.split('.', MAX_PARTS), value)
  const { anonymousId, name } = event
  return {
    channel: 'web',
    integrations: { All: true },
    originalTimestamp: sentAt,
    sentAt,
    ...event,
    ...(typeof anonymousId === 'string' && { anonymousId: anonymousId.replace(QUOTES, '$2') }),
    ...(type === 'page' && !name && { name: 'Unknown Page' }),
  }
}

interface Branch {
  [key: string]: string | Branch
}

/** Without prototypes, so that `__proto__` is a name like any other. A later value does not replace a branch. */
function put(branch: Branch, [key = '', ...rest]: readonly string[], value: string): void {
  const present = branch[key]
  if (rest.length === 0) {
    if (typeof present !== 'object') branch[key] = value
    return
  }
  const next: Branch = typeof present === 'object' ? present : Object.create(null)
  branch[key] = next
  put(next, rest, value)
}
