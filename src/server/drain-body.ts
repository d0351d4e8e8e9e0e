import type { MiddlewareHandler } from 'hono'

const MOST_BYTES = 4 * 1024 * 1024

/**
 * Reads what a handler left of a request's body before the answer goes out: the server closes the connection of an
 * unread one, and the collector, still writing, would see a broken pipe instead of the answer.
 */
export function drainBody(): MiddlewareHandler {
  return async ({ req }, next) => {
    await next()
    const { body, bodyUsed } = req.raw
    if (!body || bodyUsed) return
    let bytes = 0
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > MOST_BYTES) return
    }
  }
}
