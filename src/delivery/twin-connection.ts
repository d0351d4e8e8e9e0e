/**
 * What a twin does to a connection when its answer is to be lost.
 */
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'

/** Keeps the caller waiting until it hangs up. */
export function neverAnswer(c: Context): Promise<Response> {
  const { incoming } = c.env as HttpBindings // twins are always served by node
  return new Promise((resolve) => {
    incoming.socket.once('close', () => resolve(RESPONSE_ALREADY_SENT))
  })
}

/** Hangs up without a word. */
export async function breakConnection(c: Context): Promise<Response> {
  const { incoming } = c.env as HttpBindings // likewise
  incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}
