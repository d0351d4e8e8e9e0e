/**
 * `/lists/{id}/members/{subscriber_hash}`: one contact.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { TwinContext } from '../../src/delivery/twin.ts'
import { inComplianceState, memberSchema, upsertContact } from './twin-contacts.ts'
import { invalidResource, notFound, problem } from './twin-problems.ts'
import {
  type Contact,
  forget,
  makeTag,
  readContact,
  setTag,
  subscriberHash,
  tagNamed,
  tagsOf,
  writeContact,
} from './twin-store.ts'

const PATH = '/3.0/lists/:list/members/:member'
const patchSchema = memberSchema.partial()
const tagsSchema = z.object({ tags: z.array(z.object({ name: z.string(), status: z.enum(['active', 'inactive']) })) })

export function memberRoutes(app: Hono, { store }: TwinContext): void {
  app.get(PATH, (c) => {
    const contact = readContact(store, hashOf(c))
    return contact ? c.json(shownContact(store, contact)) : notFound(c)
  })
  app.put(PATH, async (c) => {
    const { success, data, error } = memberSchema.safeParse(await c.req.json().catch(() => undefined))
    if (!success)
      return invalidResource(
        c,
        error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
      )
    const result = upsertContact(store, data, { updateExisting: true, syncTags: false })
    if (!('error' in result)) return c.json(shownContact(store, 'created' in result ? result.created : result.updated))
    const { error: detail } = result.error
    if (detail.includes('permanently deleted')) return problem(c, 400, 'Forgotten Email Not Subscribed', detail)
    return problem(c, 400, detail.includes('compliance') ? 'Member In Compliance State' : 'Invalid Resource', detail)
  })
  app.patch(PATH, async (c) => patch(c, store))
  app.delete(PATH, (c) => archive(c, store))
  app.get(`${PATH}/tags`, (c) => {
    const tags = tagsOf(store, hashOf(c))
    return c.json({ tags, total_items: tags.length })
  })
  app.post(`${PATH}/tags`, async (c) => {
    const hash = hashOf(c)
    if (!readContact(store, hash)) return notFound(c)
    for (const { name, status } of tagsSchema.parse(await c.req.json()).tags) {
      const tag = tagNamed(store, name) ?? (status === 'active' ? makeTag(store, name) : undefined)
      if (tag) setTag(store, tag.id, hash, status === 'active')
    }
    return c.body(null, 204)
  })
  app.post(`${PATH}/actions/delete-permanent`, (c) => {
    if (!readContact(store, hashOf(c))) return notFound(c)
    forget(store, hashOf(c))
    return c.body(null, 204)
  })
}

/** The path takes the hash of an address, or the address. */
function hashOf(c: Context): string {
  const member = c.req.param('member') ?? ''
  return member.includes('@') ? subscriberHash(member) : member
}

export function shownContact(
  store: DatabaseSync,
  { hash, email_address, status, merge_fields, unsubscribed_by }: Contact,
): object {
  const tags = tagsOf(store, hash)
  return {
    id: hash,
    email_address,
    status,
    ...(status === 'unsubscribed' && {
      unsubscribe_reason:
        unsubscribed_by === 'person' ? 'N/A (Unsubscribed by contact)' : 'N/A (Unsubscribed by an admin)',
    }),
    merge_fields: JSON.parse(merge_fields),
    tags_count: tags.length,
    tags,
  }
}

async function patch(c: Context, store: DatabaseSync): Promise<Response> {
  const contact = readContact(store, hashOf(c))
  if (!contact) return notFound(c)
  const { status, merge_fields } = patchSchema.parse(await c.req.json())
  if (status !== undefined && inComplianceState(contact, status)) {
    return problem(
      c,
      400,
      'Member In Compliance State',
      `${contact.email_address} is in a compliance state and cannot be subscribed.`,
    )
  }
  const changed: Contact = {
    ...contact,
    status: status ?? contact.status,
    merge_fields: JSON.stringify({ ...JSON.parse(contact.merge_fields), ...merge_fields }),
    unsubscribed_by: status === 'unsubscribed' ? (contact.unsubscribed_by ?? 'api') : contact.unsubscribed_by,
  }
  writeContact(store, changed)
  return c.json(shownContact(store, changed))
}

function archive(c: Context, store: DatabaseSync): Response {
  const contact = readContact(store, hashOf(c))
  if (!contact) return notFound(c)
  if (contact.status === 'archived') {
    return problem(c, 405, 'Method Not Allowed', 'This list member cannot be removed. Please contact support.')
  }
  writeContact(store, { ...contact, status: 'archived', archived_from: contact.status })
  return c.body(null, 204)
}
