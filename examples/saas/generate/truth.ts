/**
 * The truth of who is who: every identifier as it was sent, with everybody whose it is. Nothing of it is loaded.
 */
import { join } from 'node:path'
import { billingTables } from './billing.ts'
import { type Claim, claimsOf, personOf, visitorOf } from './claim.ts'
import type { Company } from './company.ts'
import { crmTables } from './crm.ts'
import type { Device, User } from './people.ts'
import { saidAt } from './said.ts'
import { IDENTIFYING } from './sessions.ts'
import { writeCsv } from './write-tables.ts'

/** Each claim once, in the order of persons. */
export function truthOf(company: Company): readonly Claim[] {
  const tables = [...billingTables(company), ...crmTables(company)]
  const claims = new Map<string, Claim>()
  for (const claim of [...sessionClaims(company), ...tables.flatMap((table) => table.claims ?? [])]) {
    claims.set(JSON.stringify([claim.person, claim.type, claim.value, claim.dirt === 'borrowed']), claim)
  }
  return [...claims].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, claim]) => claim)
}

function* sessionClaims({ sessions }: Company): Iterable<Claim> {
  const visitors = new Map<Device, string>()
  for (const { user, device, kind, start } of sessions) {
    const anonymous = { value: device.anonymousId, dirt: device.shared ? 'machine' : undefined } as const
    if (user === undefined) {
      const visitor = visitors.get(device) ?? visitorOf(visitors.size)
      visitors.set(device, visitor)
      yield* claimsOf(visitor, { anonymous_id: anonymous })
      continue
    }
    yield* claimsOf(personOf(user), { anonymous_id: anonymous })
    if (kind !== 'visit') yield* claimsOf(personOf(user), { user_id: { value: user.id } })
    if (IDENTIFYING.has(kind)) yield* identified(user, start)
  }
}

function identified(user: User, at: number): readonly Claim[] {
  return claimsOf(personOf(user), { email: saidAt(user.emails, at), phone: saidAt(user.phones, at) })
}

/** Writes `truth.csv`, whole or not at all; gives its rows. */
export async function writeTruth(company: Company, folder: string): Promise<number> {
  const rows = truthOf(company).map(({ person, type, value, dirt }) => ({ person, type, value, dirt: dirt ?? null }))
  await writeCsv(rows, join(folder, 'truth.csv'))
  return rows.length
}
