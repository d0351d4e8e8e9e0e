/**
 * What people and Mailchimp do by themselves: `POST /__twin/people`.
 */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { TwinContext } from '../../src/delivery/twin.ts'
import { readContact, type Status, subscriberHash, writeContact } from './twin-store.ts'

const ACTS = {
  unsubscribe: 'unsubscribed',
  bounce: 'cleaned',
  subscribe: 'subscribed',
} as const satisfies Record<string, Status>

const bodySchema = z.strictObject({ email_address: z.string(), does: z.enum(['unsubscribe', 'bounce', 'subscribe']) })

export function peopleRoutes(app: Hono, { store }: TwinContext): void {
  app.post('/__twin/people', async (c) => {
    const { success, data, error } = bodySchema.safeParse(await c.req.json().catch(() => undefined))
    if (!success) return c.json({ error: z.prettifyError(error) }, 400)
    const hash = subscriberHash(data.email_address)
    const before = readContact(store, hash)
    writeContact(store, {
      hash,
      email_address: before?.email_address ?? data.email_address,
      status: ACTS[data.does],
      merge_fields: before?.merge_fields ?? '{}',
      unsubscribed_by: data.does === 'unsubscribe' ? 'person' : null,
      archived_from: null,
    })
    return c.body(null, 204)
  })
}
