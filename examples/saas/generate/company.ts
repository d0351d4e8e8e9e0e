/**
 * Harbor: a made-up company that sells project management by subscription.
 *
 * workspace  a customer: several users, one subscription
 * user       a person with a login; the first of a workspace is its owner and pays
 * device     a browser or phone, with an anonymous id of its own
 * churn      when a workspace stops paying; its users fade for weeks before
 * outsider   a person without a login, whom only sales or billing knows
 * session    one sitting of a user, or of a visitor nobody knows yet, at one device
 */
import { withAddresses } from './addresses.ts'
import { type Relative, withHouseholds } from './households.ts'
import { withSharedMachines } from './machines.ts'
import { type Bookkeeper, generateBookkeepers, generateProspects, type Prospect } from './outsiders.ts'
import { generateUsers, type User } from './people.ts'
import { DAY, type Period } from './period.ts'
import { withPhones } from './phone-holders.ts'
import { PhoneBook } from './phones.ts'
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
  readonly relatives: readonly Relative[]
  readonly prospects: readonly Prospect[]
  /** By the number of the workspace they pay for. */
  readonly bookkeepers: ReadonlyMap<number, Bookkeeper>
  /** In the order of their beginnings. */
  readonly sessions: readonly Session[]
  /** How many messages `events` gives. */
  readonly eventCount: number
}

/** The whole company but for its events, which `events` tells one by one. Equal options give an equal company. */
export function generateCompany({ seed, end, users = 2000, days = 90, minEvents = 200_000 }: CompanyOptions): Company {
  const period = { start: end.getTime() - days * DAY, end: end.getTime() }
  const workspaces = generateWorkspaces(mulberry32(mix(seed, 1)), period, users)
  const book = new PhoneBook()
  const { users: people, relatives } = generatePeople(seed, period, workspaces, users, book)
  const sessions = planSessions(mulberry32(mix(seed, 3)), period, people, minEvents)
  return {
    seed,
    tag: mix(seed, period.start, period.end, users, minEvents).toString(36),
    ...period,
    workspaces,
    users: people,
    relatives,
    prospects: generateProspects(mulberry32(mix(seed, 12)), workspaces.length, book),
    bookkeepers: generateBookkeepers(mulberry32(mix(seed, 13)), workspaces, book),
    sessions,
    eventCount: sessions.reduce((sum, { length }) => sum + length, 0),
  }
}

/** Users with all that makes it hard to tell who is who. */
function generatePeople(
  seed: number,
  period: Period,
  workspaces: readonly Workspace[],
  count: number,
  book: PhoneBook,
) {
  const plain = generateUsers(mulberry32(mix(seed, 2)), period, workspaces, count)
  const sharing = withSharedMachines(mulberry32(mix(seed, 8)), plain)
  const { users, relatives } = withHouseholds(mulberry32(mix(seed, 9)), sharing, book)
  const addressed = withAddresses(mulberry32(mix(seed, 10)), period, users)
  return { users: withPhones(mulberry32(mix(seed, 11)), period, addressed, book), relatives }
}
