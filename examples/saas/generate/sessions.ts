import { type Device, device, type User } from './people.ts'
import { DAY, type Period } from './period.ts'
import { between, chance, integer, pick, type Random } from './random.ts'
import { cancelledAt, vitality } from './workspaces.ts'

/**
 * visit    pages seen before anyone knows by whom
 * sign_up  a new user's first
 * login    the first at a device, or after traits may have changed: says who it is
 * upgrade  the owner buys a larger plan; cancel: the owner gives notice
 * use      any other
 */
export type SessionKind = 'visit' | 'sign_up' | 'login' | 'upgrade' | 'cancel' | 'use'

export interface Session {
  readonly kind: SessionKind
  /** undefined: a visitor who never signed up. */
  readonly user: User | undefined
  readonly device: Device
  readonly start: number
  readonly duration: number
  /** How many messages it makes. */
  readonly length: number
}

const HOUR = 3_600_000

/** The fewest messages that tell what a session of that kind is about. */
const SHORTEST: Readonly<Record<SessionKind, number>> = {
  visit: 1,
  sign_up: 9,
  login: 3,
  upgrade: 5,
  cancel: 2,
  use: 1,
}

/** The kinds that say who the user is: address, phone and more. */
export const IDENTIFYING: ReadonlySet<SessionKind> = new Set(['sign_up', 'login', 'upgrade'])

/** Share of users who are re-identified at the beginning of an ordinary session. */
const RELOGIN = 0.06

const STRANGERS_PER_USER = 0.08

/** All sessions of the period in the order of their beginnings, with at least that many messages together. */
export function planSessions(
  random: Random,
  period: Period,
  users: readonly User[],
  minEvents: number,
): readonly Session[] {
  const planned: Session[] = []
  for (const user of users) planned.push(...sessionsOf(random, period, user))
  for (let stranger = 0; stranger < users.length * STRANGERS_PER_USER; stranger++) {
    planned.push(...strangerVisits(random, period))
  }
  planned.sort((a, b) => a.start - b.start)
  return lengthened(withLogins(random, planned), minEvents)
}

function sessionsOf(random: Random, period: Period, user: User): readonly Session[] {
  const milestones = milestonesOf(random, period, user)
  const sessions = [...milestones, ...visitsBefore(random, period, user)]
  const from = Math.max(period.start, user.joinedAt + HOUR)
  for (let day = from - (from % DAY); day < period.end; day += DAY) {
    const expected = user.pace * appetite(user, day)
    const count = Math.floor(expected) + (chance(random, expected % 1) ? 1 : 0)
    for (let index = 0; index < count; index++) {
      const session = sitting(random, user, day)
      const { start, duration } = session
      if (start >= from && start + duration < period.end && vitality(user.workspace, start) > 0) sessions.push(session)
    }
  }
  if (!sessions.some(({ kind }) => kind !== 'visit')) sessions.push(onlySession(random, period, user))
  return sessions
}

/** Nobody stays away for the whole period. */
function onlySession(random: Random, period: Period, user: User): Session {
  const from = Math.max(period.start, user.joinedAt)
  const until = Math.min(period.end, user.workspace.churn?.at ?? period.end)
  const start = Math.floor(from + random() * (until - from) * 0.95)
  const planned = session(random, 'login', user, firstOf(user), start, user.stamina)
  return { ...planned, duration: Math.min(planned.duration, Math.floor((until - start) * 0.9)) }
}

/** How much a user uses Harbor on a day, against an ordinary one. */
function appetite({ workspace, holiday }: User, day: number): number {
  const noon = day + 12 * HOUR
  if (holiday !== undefined && noon >= holiday.start && noon < holiday.end) return 0
  const weekday = new Date(day).getUTCDay()
  return vitality(workspace, noon) * (weekday === 0 || weekday === 6 ? 0.15 : 1)
}

function sitting(random: Random, user: User, day: number): Session {
  const hour = 8 + (random() + random()) * 5.5
  const start = Math.floor(day + (hour - user.workspace.utcOffset) * HOUR)
  return session(
    random,
    'use',
    user,
    chance(random, 0.7) ? firstOf(user) : pick(random, user.devices),
    start,
    user.stamina,
  )
}

function session(
  random: Random,
  kind: SessionKind,
  user: User | undefined,
  at: Device,
  start: number,
  usual: number,
): Session {
  const length = Math.max(SHORTEST[kind], integer(random, Math.ceil(usual / 2), Math.ceil(usual * 1.5)))
  return { kind, user, device: at, start, duration: length * integer(random, 12_000, 70_000), length }
}

function firstOf({ devices }: User): Device {
  const [first] = devices
  if (first === undefined) throw new RangeError('a user without a device')
  return first
}

function milestonesOf(random: Random, period: Period, user: User): readonly Session[] {
  const found: Session[] = []
  const add = (kind: SessionKind, start: number | undefined) => {
    if (start === undefined || start < period.start) return
    const planned = session(random, kind, user, firstOf(user), start, user.stamina)
    if (start + planned.duration < period.end) found.push(planned)
  }
  add('sign_up', user.joinedAt)
  if (user.owner) {
    add('upgrade', user.workspace.upgrade?.at)
    add('cancel', cancelledAt(user.workspace, period.end))
  }
  return found
}

/** New users have looked around before, at the device they then sign up with. */
function visitsBefore(random: Random, period: Period, user: User): readonly Session[] {
  if (user.joinedAt < period.start || user.joinedAt > period.end) return []
  const count = integer(random, user.owner ? 1 : 0, 4)
  return Array.from({ length: count }, () => {
    const start = Math.floor(user.joinedAt - between(random, 0.05, 12) * DAY)
    return session(random, 'visit', user, firstOf(user), start, 3)
  }).filter(({ start, duration }) => start >= period.start && start + duration < Math.min(user.joinedAt, period.end))
}

function strangerVisits(random: Random, period: Period): readonly Session[] {
  const machine = device(random, 'web', pick(random, ['en-US', 'en-GB', 'de-DE', 'es-ES']))
  const first = between(random, period.start, period.end)
  return Array.from({ length: integer(random, 1, 3) }, () => {
    const start = Math.floor(first + between(random, 0, 6) * DAY)
    return session(random, 'visit', undefined, machine, start, 3)
  }).filter(({ start, duration }) => start + duration < period.end)
}

/** Sessions in order, where those at a new or shared device, and the first after a change, say who is there. */
function withLogins(random: Random, sessions: readonly Session[]): readonly Session[] {
  const known = new Set<Device>()
  const told = new Map<User, number>()
  return sessions.map((planned) => {
    const { kind, user, device, start } = planned
    const again = chance(random, RELOGIN)
    if (user === undefined || kind === 'visit') return planned
    const changed = hasChanged(user, told.get(user) ?? start, start)
    const login = kind === 'use' && (device.shared || again || changed || !known.has(device))
    known.add(device)
    if (login || IDENTIFYING.has(kind)) told.set(user, start)
    return login ? { ...planned, kind: 'login', length: Math.max(planned.length, SHORTEST.login) } : planned
  })
}

/** Whether the user gave the app another address or phone between both instants. */
function hasChanged({ emails, phones }: User, after: number, upTo: number): boolean {
  return [...emails, ...phones].some(({ from }) => from > after && from <= upTo)
}

/** Makes all sessions longer or shorter alike, so that they hold at least that many messages, and hardly more. */
function lengthened(sessions: readonly Session[], minEvents: number): readonly Session[] {
  const drawn = sessions.reduce((sum, { length }) => sum + length, 0)
  const factor = minEvents / drawn
  let total = 0
  const scaled = sessions.map((planned) => {
    const length = Math.max(SHORTEST[planned.kind], Math.round(planned.length * factor))
    total += length
    return { ...planned, length }
  })
  let missing = minEvents - total
  return scaled.map((planned) => {
    if (missing <= 0 || planned.user === undefined) return planned
    const extra = Math.min(missing, Math.ceil((minEvents - total) / scaled.length) + 1)
    missing -= extra
    return { ...planned, length: planned.length + extra }
  })
}
