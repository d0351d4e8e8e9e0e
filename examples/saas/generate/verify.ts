/**
 * Checks the twins against the tables, on a way of its own: plain SQL over the audiences, Node's own hash.
 */
import { createHash } from 'node:crypto'

export interface Verdict {
  readonly sync: string
  readonly expected: number
  readonly held: number
  readonly missing: number
  readonly surplus: number
}

type Query = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

interface Check {
  readonly audience: string
  readonly destination: string
  /** The object at the twin. */
  readonly object: string
  readonly consent: string
  /** A member's key at the vendor. */
  readonly key: (email: string) => string
  /** The key in what the twin holds. */
  readonly held: string
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const FACEBOOK = { destination: 'facebook_ads', consent: 'advertising', key: sha256, held: 'EMAIL' }
const MAILCHIMP = { destination: 'crm_mail', consent: 'email', key: (email: string) => email, held: 'email_address' }

const CHECKS: readonly Check[] = [
  { ...FACEBOOK, audience: 'at_risk', object: 'Harbor at risk' },
  { ...FACEBOOK, audience: 'power_users', object: 'Harbor power users' },
  { ...MAILCHIMP, audience: 'at_risk', object: 'at_risk' },
  { ...MAILCHIMP, audience: 'trial_ending', object: 'trial_ending' },
]

/** Every sync of the example: whom its twin must hold, and whom it does. */
export async function verifyTwins(query: Query, twins: Readonly<Record<string, string>>): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const check of CHECKS) verdicts.push(await verify(query, twins[check.destination] ?? '', check))
  return verdicts
}

async function verify(
  query: Query,
  url: string,
  { audience, destination, object, consent, key, held }: Check,
): Promise<Verdict> {
  const rows = await query(
    `select distinct lower(trim(p.email)) as email from audiences.${audience} a join profiles p on p.profile_id = a.profile_id
     where p.consent_${consent} and p.email is not null`,
  )
  const expected = new Set(rows.map(({ email }) => key(String(email))))
  const members = await membersOf(url, object)
  const present = new Set(members.map((member) => String(member[held])))
  return {
    sync: `audiences.${audience}.${destination}`,
    expected: expected.size,
    held: members.length,
    missing: expected.difference(present).size,
    surplus: present.difference(expected).size,
  }
}

async function membersOf(url: string, name: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { objects } = (await (await fetch(`${url}/__twin/state`)).json()) as {
    objects: readonly { id: string; name: string }[]
  }
  const object = objects.find((each) => each.name === name)
  if (!object) return []
  const response = await fetch(`${url}/__twin/members?object=${encodeURIComponent(object.id)}`)
  return ((await response.json()) as { members: readonly Readonly<Record<string, unknown>>[] }).members
}
