/**
 * Harbor: a made-up company that sells project management by subscription.
 *
 * workspace  a customer: several users, one subscription
 * user       a person with a login; the first of a workspace is its owner and pays
 * device     a browser or phone, with an anonymous id of its own
 * churn      when a workspace stops paying; its users fade for weeks before
 * session    one sitting of a user, or of a visitor nobody knows yet, at one device
 */
import { generateUsers, type User } from './people.ts'
import { DAY, type Period } from './period.ts'
import { mix, mulberry32 } from './random.ts'
import { planSessions, type Session } from './sessions.ts'
import { generateWorkspaces, type Workspace } from './workspaces.ts'

export interface CompanyOptions {
  readonly seed: number
  /** The present: nothing happens after it. */
  readonly end: Date
  readonly users?: number
  /** How far back events go. */
  readonly days?: number
  readonly minEvents?: number
}

export interface Company extends Period {
  readonly seed: number
  /** Begins every message id: another seed or period is another history. */
  readonly tag: string
  readonly workspaces: readonly Workspace[]
  readonly users: readonly User[]
  /** In the order of their beginnings. */
  readonly sessions: readonly Session[]
  /** How many messages `events` gives. */
  readonly eventCount: number
}

/** The whole company but for its events, which `events` tells one by one. Equal options give an equal company. */
export function generateCompany({ seed, end, users = 2000, days = 90, minEvents = 200_000 }: CompanyOptions): Company {
  const period = { start: end.getTime() - days * DAY, end: end.getTime() }
  const workspaces = generateWorkspaces(mulberry32(mix(seed, 1)), period, users)
  const people = generateUsers(mulberry32(mix(seed, 2)), period, workspaces, users)
  const sessions = planSessions(mulberry32(mix(seed, 3)), period, people, minEvents)
  return {
    seed,
    tag: mix(seed, period.start, period.end, users, minEvents).toString(36),
    ...period,
    workspaces,
    users: people,
    sessions,
    eventCount: sessions.reduce((sum, { length }) => sum + length, 0),
  }
}
