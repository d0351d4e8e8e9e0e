/**
 * Tags as static segments: `/lists/{id}/segments` and `/lists/{id}/tag-search`.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { TwinContext } from '../../src/delivery/twin.ts'
import { shownContact } from './twin-members.ts'
import { invalidResource, notFound, problem } from './twin-problems.ts'
import {
  contactMembers,
  listObjects,
  makeTag,
  readContact,
  setTag,
  subscriberHash,
  type Tag,
  tagById,
  tagNamed,
  tagSize,
  transaction,
} from './twin-store.ts'

const MAX_MEMBERS = 500
const SEGMENTS = '/3.0/lists/:list/segments'
const createSchema = z.object({ name: z.string().min(1).max(100), static_segment: z.array(z.string()) })
const emails = z.array(z.string()).max(MAX_MEMBERS).default([])
const changeSchema = z.object({ members_to_add: emails, members_to_remove: emails })

export function segmentRoutes(app: Hono, { store }: TwinContext): void {
  app.get('/3.0/lists/:list/tag-search', (c) => {
    const prefix = (c.req.query('name') ?? '').toLowerCase()
    const tags = listObjects(store).filter(({ name }) => name.toLowerCase().startsWith(prefix))
    return c.json({ tags: tags.map(({ id, name }) => ({ id: Number(id), name })), total_items: tags.length })
  })
  app.get(SEGMENTS, (c) => {
    const segments = listObjects(store).map(({ id, name, members }) => segment({ id: Number(id), name }, members))
    return c.json({ segments, list_id: c.req.param('list'), total_items: segments.length })
  })
  app.post(SEGMENTS, async (c) => {
    const { success, data, error } = createSchema.safeParse(await c.req.json().catch(() => undefined))
    if (!success)
      return invalidResource(
        c,
        error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
      )
    if (tagNamed(store, data.name))
      return problem(c, 400, 'Bad Request', `Sorry, that tag already exists: ${data.name}`)
    const tag = makeTag(store, data.name)
    for (const email of data.static_segment)
      if (readContact(store, subscriberHash(email))) setTag(store, tag.id, subscriberHash(email), true)
    return c.json(segment(tag, tagSize(store, tag.id)))
  })
  app.get(`${SEGMENTS}/:segment`, (c) => withTag(c, store, (tag) => c.json(segment(tag, tagSize(store, tag.id)))))
  app.get(`${SEGMENTS}/:segment/members`, (c) =>
    withTag(c, store, (tag) => c.json({ members: contactMembers(store, String(tag.id)) })),
  )
  app.post(`${SEGMENTS}/:segment`, async (c) => {
    const { success, data, error } = changeSchema.safeParse(await c.req.json().catch(() => undefined))
    if (!success)
      return invalidResource(
        c,
        error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
      )
    return withTag(c, store, (tag) => c.json(change(store, tag, data)))
  })
}

function withTag(c: Context, store: DatabaseSync, work: (tag: Tag) => Response): Response {
  const tag = tagById(store, c.req.param('segment') ?? '')
  return tag ? work(tag) : notFound(c)
}

function segment({ id, name }: Tag, members: number): object {
  return { id, name, member_count: members, type: 'static' }
}

function change(
  store: DatabaseSync,
  tag: Tag,
  { members_to_add, members_to_remove }: z.infer<typeof changeSchema>,
): object {
  const missing = new Set<string>()
  const changed = (emailsGiven: readonly string[], active: boolean) =>
    emailsGiven.flatMap((email) => {
      const contact = readContact(store, subscriberHash(email))
      if (contact && contact.status !== 'archived')
        return setTag(store, tag.id, contact.hash, active) ? [shownContact(store, contact)] : []
      missing.add(email)
      return []
    })
  return transaction(store, () => {
    const added = changed(members_to_add, true)
    const removed = changed(members_to_remove, false)
    const errors =
      missing.size === 0 ? [] : [{ email_addresses: [...missing], error: 'Email addresses do not exist on the list' }]
    return {
      members_added: added,
      members_removed: removed,
      errors,
      total_added: added.length,
      total_removed: removed.length,
      error_count: missing.size,
    }
  })
}
