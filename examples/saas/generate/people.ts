import { FIRST_NAMES, LAST_NAMES } from './names.ts'
import { DAY, type Period } from './period.ts'
import type { PhoneNumber } from './phones.ts'
import { between, chance, integer, pick, type Random, uuid, weighted } from './random.ts'
import { EVER, type Noted, type Said } from './said.ts'
import type { Workspace } from './workspaces.ts'

export interface User {
  readonly index: number
  readonly id: string
  readonly workspace: Workspace
  readonly owner: boolean
  readonly firstName: string
  /** null: never given. */
  readonly lastName: string | null
  /** Their own, or their household's; lower case, without spaces. */
  readonly email: string
  /** What the app has as their address; it may be wrong. */
  readonly emails: readonly Said[]
  /** What sales has as their address, before it is typed into the CRM. */
  readonly inCrm: Noted
  /** The one they had when somebody at the company wrote it down. */
  readonly number: PhoneNumber | undefined
  /** It is another's since, or was another's before. */
  readonly numberRecycled: boolean
  /** What the app has as their phone; nothing where they never gave it. */
  readonly phones: readonly Said[]
  readonly title: string | null
  readonly joinedAt: number
  /** Sessions of an ordinary working day. */
  readonly pace: number
  /** Usual messages of a session. */
  readonly stamina: number
  /** The first is the one they signed up with. */
  readonly devices: readonly Device[]
  /** undefined: signed up before anyone asked. */
  readonly consent: Consent | undefined
  readonly holiday: Period | undefined
}

export interface Device {
  readonly anonymousId: string
  readonly kind: 'web' | 'ios' | 'android'
  readonly ip: string
  readonly userAgent: string
  readonly locale: string
  /** Several users sit at it, each signing in anew. */
  readonly shared: boolean
}

export interface Consent {
  readonly advertising: boolean
  readonly email: boolean
  /** From then on both are false. */
  readonly withdrawnAt: number | undefined
}

const TITLES = [
  'Project Manager',
  'Engineer',
  'Designer',
  'Founder',
  'Office Manager',
  'Head of Operations',
  'Consultant',
  null,
]

const PACES: readonly (readonly [pace: readonly [low: number, high: number, stamina: number], weight: number])[] = [
  [[1.1, 1.9, 9], 10],
  [[0.3, 0.7, 7], 52],
  [[0.08, 0.2, 5], 28],
  [[0.01, 0.04, 4], 10],
]

const WEB_AGENTS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0',
]

const LOCALES: Readonly<Record<string, string>> = {
  US: 'en-US',
  DE: 'de-DE',
  FR: 'fr-FR',
  TR: 'tr-TR',
  JP: 'ja-JP',
  BR: 'pt-BR',
}

/** That many users, workspace by workspace, owners first. */
export function generateUsers(
  random: Random,
  period: Period,
  workspaces: readonly Workspace[],
  count: number,
): readonly User[] {
  const users: User[] = []
  const taken = new Set<string>()
  for (const workspace of workspaces) {
    for (let seat = 0; seat < workspace.seats && users.length < count; seat++) {
      users.push(generateUser(random, period, workspace, users.length, seat, taken))
    }
  }
  return users
}

function generateUser(
  random: Random,
  period: Period,
  workspace: Workspace,
  index: number,
  seat: number,
  taken: Set<string>,
): User {
  const [firstName, localFirst] = pick(random, FIRST_NAMES)
  const [lastName, localLast] = pick(random, LAST_NAMES)
  const [low, high, stamina] = weighted(random, PACES)
  const email = freeAddress(`${localFirst}.${localLast}`, workspace.domain, taken)
  return {
    index,
    id: `user_${String(index + 1).padStart(5, '0')}`,
    workspace,
    owner: seat === 0,
    firstName,
    lastName: chance(random, 0.03) ? null : lastName,
    email,
    emails: [{ value: email, from: EVER }],
    inCrm: { value: email },
    number: undefined,
    numberRecycled: false,
    phones: [],
    title: pick(random, TITLES),
    joinedAt: seat === 0 ? workspace.createdAt : joining(random, period, workspace),
    pace: between(random, low, high) * (seat === 0 ? 1.3 : 1),
    stamina,
    devices: generateDevices(random, workspace),
    consent: generateConsent(random, period),
    holiday: generateHoliday(random, period),
  }
}

/** Colleagues follow within weeks, never after the workspace left. */
function joining(random: Random, { end }: Period, { createdAt, churn, trialEnd }: Workspace): number {
  const latest = Math.min(end - DAY / 16, churn?.at ?? end, Math.max(createdAt + 60 * DAY, trialEnd))
  const late = chance(random, 0.25)
  const wanted = createdAt + Math.floor(between(random, 0.02, late ? 60 : 5) * DAY)
  return wanted < latest ? wanted : createdAt + Math.floor(random() * (latest - createdAt))
}

function freeAddress(local: string, domain: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const address = `${local}${number === 1 ? '' : number}@${domain}`
    if (taken.has(address)) continue
    taken.add(address)
    return address
  }
}

function generateDevices(random: Random, { country }: Workspace): readonly Device[] {
  const locale = LOCALES[country] ?? 'en-GB'
  const phone = chance(random, 0.5) ? 'ios' : 'android'
  const startsOnPhone = chance(random, 0.06)
  const devices = [device(random, startsOnPhone ? phone : 'web', locale)]
  if (startsOnPhone) devices.push(device(random, 'web', locale))
  else if (chance(random, 0.4)) devices.push(device(random, phone, locale))
  if (chance(random, 0.15)) devices.push(device(random, 'web', locale))
  return devices
}

export function device(random: Random, kind: Device['kind'], locale: string, shared = false): Device {
  return {
    anonymousId: uuid(random),
    kind,
    ip: `${pick(random, ['192.0.2', '198.51.100', '203.0.113'])}.${integer(random, 1, 254)}`,
    userAgent: kind === 'web' ? pick(random, WEB_AGENTS) : `Harbor/4.${integer(random, 0, 9)}.0 (${kind})`,
    locale,
    shared,
  }
}

function generateConsent(random: Random, { start, end }: Period): Consent | undefined {
  if (chance(random, 0.06)) return undefined
  const consent = { advertising: chance(random, 0.72), email: chance(random, 0.86) }
  return { ...consent, withdrawnAt: chance(random, 0.02) ? Math.floor(between(random, start, end)) : undefined }
}

function generateHoliday(random: Random, period: Period): Period | undefined {
  if (!chance(random, 0.12)) return undefined
  const start = Math.floor(between(random, period.start, period.end))
  return { start, end: start + integer(random, 5, 14) * DAY }
}

/** What a user allows at an instant; undefined where nobody asked. */
export function consentAt({ consent }: User, at: number): Pick<Consent, 'advertising' | 'email'> | undefined {
  if (consent === undefined) return undefined
  const withdrawn = consent.withdrawnAt !== undefined && at >= consent.withdrawnAt
  return withdrawn ? { advertising: false, email: false } : consent
}

/** Their own address, as they have it or had it before. */
export function ownAddress({ email, emails }: User): Noted {
  return emails.find(({ value }) => value === email) ?? { value: email }
}
