/**
 * What becomes of a contact that a call creates or updates.
 */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import {
  type Contact,
  isForgotten,
  makeTag,
  readContact,
  type Status,
  setTag,
  subscriberHash,
  tagNamed,
  writeContact,
} from './twin-store.ts'

const status = z.enum(['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional'])

export const memberSchema = z.object({
  email_address: z.string(),
  status: status.optional(),
  status_if_new: status.optional(),
  merge_fields: z.record(z.string().max(10), z.union([z.string(), z.number(), z.object({})])).optional(),
  tags: z.array(z.string()).optional(),
})

export type MemberInput = z.infer<typeof memberSchema>

export interface UpsertOptions {
  readonly updateExisting: boolean
  /** Whether `tags` replace those the contact has. */
  readonly syncTags: boolean
}

export interface RowError {
  readonly email_address: string
  readonly error: string
  readonly error_code: 'ERROR_CONTACT_EXISTS' | 'ERROR_GENERIC'
  readonly field: string
  readonly field_message: string
}

export type Upserted = { readonly created: Contact } | { readonly updated: Contact } | { readonly error: RowError }

/** The merge fields each new list has; others are ignored. */
const MERGE_FIELDS = ['FNAME', 'LNAME', 'ADDRESS', 'PHONE', 'BIRTHDAY']
const MAX_MERGE_BYTES = 255

export function upsertContact(store: DatabaseSync, input: MemberInput, options: UpsertOptions): Upserted {
  const email = input.email_address
  const refuse = (error: string, error_code: RowError['error_code'] = 'ERROR_GENERIC'): Upserted => ({
    error: { email_address: email, error, error_code, field: '', field_message: '' },
  })
  if (!/^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(email)) return refuse('Please provide a valid email address.')
  const hash = subscriberHash(email)
  if (isForgotten(store, hash)) {
    return refuse(
      `${email} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list.`,
    )
  }
  const before = readContact(store, hash)
  if (before && !options.updateExisting)
    return refuse(
      `${email} is already a list member. Use PUT to insert or update list members.`,
      'ERROR_CONTACT_EXISTS',
    )
  const wanted = before ? input.status : (input.status ?? input.status_if_new)
  if (!before && wanted === undefined) return refuse('The status of a new contact is required.')
  if (before && wanted !== undefined && inComplianceState(before, wanted)) {
    return refuse(
      `${email} is already a list member in compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.`,
    )
  }
  const long = Object.entries(input.merge_fields ?? {}).find(
    ([, value]) => Buffer.byteLength(String(value)) > MAX_MERGE_BYTES,
  )
  if (long) return refuse(`Your merge fields were invalid: ${long[0]} is too long.`)
  const contact: Contact = {
    hash,
    email_address: before?.email_address ?? email,
    status: wanted ?? before?.status ?? 'subscribed',
    merge_fields: JSON.stringify(mergeFields(before, input)),
    unsubscribed_by:
      wanted === 'unsubscribed'
        ? (before?.unsubscribed_by ?? 'api')
        : wanted === undefined
          ? (before?.unsubscribed_by ?? null)
          : null,
    archived_from: wanted === undefined ? (before?.archived_from ?? null) : null,
  }
  writeContact(store, contact)
  changeTags(store, hash, input.tags, options)
  return before ? { updated: contact } : { created: contact }
}

/** Who left by themselves or bounced can be subscribed again by themselves only. */
export function inComplianceState(contact: Contact, wanted: Status): boolean {
  if (wanted !== 'subscribed' && wanted !== 'transactional') return false
  const real = contact.status === 'archived' ? contact.archived_from : contact.status
  return real === 'cleaned' || (real === 'unsubscribed' && contact.unsubscribed_by === 'person')
}

function mergeFields(before: Contact | undefined, { merge_fields: given = {} }: MemberInput): object {
  const known = Object.entries(given).filter(([name]) => MERGE_FIELDS.includes(name))
  const old = before ? JSON.parse(before.merge_fields) : Object.fromEntries(MERGE_FIELDS.map((name) => [name, '']))
  return { ...old, ...Object.fromEntries(known) }
}

function changeTags(
  store: DatabaseSync,
  hash: string,
  tags: readonly string[] | undefined,
  { syncTags }: UpsertOptions,
): void {
  if (tags === undefined) return
  if (syncTags) store.prepare('delete from contact_tags where hash = ?').run(hash)
  for (const name of tags) setTag(store, (tagNamed(store, name) ?? makeTag(store, name)).id, hash, true)
}
