/**
 * `POST /lists/{id}`: many contacts at once; each that is refused is named in `errors`, and the status is 200.
 */
import type { Context } from 'hono'
import { z } from 'zod'
import type { TwinContext } from '../../src/delivery/twin.ts'
import { memberSchema, type RowError, upsertContact } from './twin-contacts.ts'
import { shownContact } from './twin-members.ts'
import { invalidResource } from './twin-problems.ts'
import { type Contact, transaction } from './twin-store.ts'

const MAX_MEMBERS = 500

const bodySchema = z.object({
  members: z.array(memberSchema),
  update_existing: z.boolean().default(false),
  sync_tags: z.boolean().default(false),
})

export async function batchMembers(c: Context, { store, faults }: TwinContext): Promise<Response> {
  const { success, data, error } = bodySchema.safeParse(await c.req.json().catch(() => undefined))
  if (!success)
    return invalidResource(
      c,
      error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
    )
  const { members, update_existing: updateExisting, sync_tags: syncTags } = data
  if (members.length > MAX_MEMBERS) {
    return invalidResource(c, [{ field: 'members', message: `The number of members may not exceed ${MAX_MEMBERS}.` }])
  }
  const seen = new Set<string>()
  const created: Contact[] = []
  const updated: Contact[] = []
  const errors: RowError[] = []
  transaction(store, () => {
    for (const member of members) {
      const email = member.email_address.toLowerCase()
      if (seen.has(email) || faults.rejects(email)) {
        const reason = seen.has(email)
          ? 'is a duplicate in this call'
          : 'looks fake or invalid, please enter a real email address.'
        errors.push({
          email_address: member.email_address,
          error: `${member.email_address} ${reason}`,
          error_code: 'ERROR_GENERIC',
          field: '',
          field_message: '',
        })
        continue
      }
      seen.add(email)
      const result = upsertContact(store, member, { updateExisting, syncTags })
      if ('error' in result) errors.push(result.error)
      else if ('created' in result) created.push(result.created)
      else updated.push(result.updated)
    }
  })
  return c.json({
    new_members: created.map((contact) => shownContact(store, contact)),
    updated_members: updated.map((contact) => shownContact(store, contact)),
    errors,
    total_created: created.length,
    total_updated: updated.length,
    error_count: errors.length,
    _links: [],
  })
}
