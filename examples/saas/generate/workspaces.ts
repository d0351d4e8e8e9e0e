import { companyName } from './names.ts'
import { DAY, type Period } from './period.ts'
import { between, chance, integer, pick, type Random, weighted } from './random.ts'

export type Plan = 'free' | 'starter' | 'team' | 'business'

export interface Workspace {
  readonly index: number
  /** The group id of its users, and the account id that billing carries. */
  readonly id: string
  readonly name: string
  readonly domain: string
  readonly industry: string
  readonly country: string
  readonly employees: number
  /** Users when the last one has joined: the seats paid for. */
  readonly seats: number
  /** Hours east of UTC. */
  readonly utcOffset: number
  readonly createdAt: number
  /** When the trial ends or ended; the first payment is due then. */
  readonly trialEnd: number
  readonly plan: Plan
  readonly interval: 'month' | 'year'
  readonly upgrade: Upgrade | undefined
  readonly churn: Churn | undefined
}

export interface Upgrade {
  readonly at: number
  readonly from: Plan
}

/** payment: cards failed until the end · cancel: somebody cancelled · trial: it never became a customer. */
export interface Churn {
  readonly at: number
  /** For how long before it use falls. */
  readonly fadeDays: number
  readonly cause: 'payment' | 'cancel' | 'trial'
}

export const TRIAL_DAYS = 14

/** Days between the decision to cancel and the end of use. */
export const NOTICE_DAYS = 9

const INDUSTRIES = [
  'Software',
  'Media',
  'Construction',
  'Education',
  'Healthcare',
  'Legal',
  'Manufacturing',
  'Retail',
  'Travel',
]

const PLACES: readonly (readonly [country: string, utcOffset: number])[] = [
  ['US', -5],
  ['US', -8],
  ['GB', 0],
  ['DE', 1],
  ['FR', 1],
  ['TR', 3],
  ['IN', 5.5],
  ['JP', 9],
  ['BR', -3],
  ['AU', 10],
]

/** Workspaces with seats for that many users, in the order of their numbers. */
export function generateWorkspaces(random: Random, period: Period, users: number): readonly Workspace[] {
  const workspaces: Workspace[] = []
  for (let seated = 0; seated < users; ) {
    const workspace = generateWorkspace(random, period, workspaces.length, users - seated)
    workspaces.push(workspace)
    seated += workspace.seats
  }
  return workspaces
}

function generateWorkspace(random: Random, period: Period, index: number, seatsLeft: number): Workspace {
  const [country, utcOffset] = pick(random, PLACES)
  const seats = Math.min(
    seatsLeft,
    weighted(random, [
      [1, 18],
      [2, 14],
      [3, 16],
      [4, 14],
      [5, 12],
      [7, 12],
      [9, 8],
      [14, 6],
    ]),
  )
  const createdAt = creation(random, period)
  const trialEnd = createdAt + TRIAL_DAYS * DAY
  const plan = planFor(random, seats)
  const interval = chance(random, 0.15) ? 'year' : 'month'
  return {
    index,
    id: `ws_${String(index + 1).padStart(4, '0')}`,
    ...companyName(index),
    industry: pick(random, INDUSTRIES),
    country,
    employees: seats * integer(random, 2, 30),
    seats,
    utcOffset,
    createdAt,
    trialEnd,
    plan,
    interval,
    upgrade: upgrade(random, period, plan, trialEnd),
    churn: plan === 'free' ? undefined : churn(random, period, trialEnd, interval),
  }
}

/** Most are older than the period; the company grows, so that late days see more of the new ones. */
function creation(random: Random, { start, end }: Period): number {
  if (chance(random, 0.68)) return start - Math.floor(between(random, 15, 1000) * DAY)
  return start + Math.floor(Math.sqrt(random()) * (end - start - DAY / 8))
}

function planFor(random: Random, seats: number): Plan {
  if (chance(random, 0.1)) return 'free'
  if (seats <= 2)
    return weighted(random, [
      ['starter', 6],
      ['team', 3],
    ])
  return weighted(random, [
    ['starter', 2],
    ['team', 6],
    ['business', 3],
  ])
}

function upgrade(random: Random, { start, end }: Period, plan: Plan, trialEnd: number): Upgrade | undefined {
  if (plan !== 'team' && plan !== 'business') return undefined
  const at = Math.floor(between(random, Math.max(start, trialEnd), end))
  if (trialEnd >= end - DAY || !chance(random, 0.12)) return undefined
  return { at, from: plan === 'business' ? 'team' : 'starter' }
}

/** One in ten left within the period, about as many are about to leave; the latter are who an audience can still reach. */
function churn(
  random: Random,
  { start, end }: Period,
  trialEnd: number,
  interval: Workspace['interval'],
): Churn | undefined {
  const fate = random()
  const fadeDays = integer(random, 21, 28)
  const cause = interval === 'month' && chance(random, 0.65) ? 'payment' : 'cancel'
  const soon = end + Math.floor(between(random, 0, 6) * DAY)
  const past = Math.floor(between(random, start + 45 * DAY, end - 2 * DAY))
  if (trialEnd > end) return undefined
  if (trialEnd > start) return fate < 0.2 ? { at: trialEnd, fadeDays: 8, cause: 'trial' } : undefined
  if (fate < 0.1) return past > start ? { at: past, fadeDays, cause } : undefined
  return fate < 0.2 ? { at: soon, fadeDays, cause } : undefined
}

/** How much of its usual use a workspace shows at an instant: 1 in health, 0 after it left. */
export function vitality({ churn }: Workspace, at: number): number {
  if (churn === undefined) return 1
  const left = (churn.at - at) / DAY
  if (left <= 0) return 0
  const share = left / churn.fadeDays
  return share >= 1 ? 1 : Math.max(0.05, share * share)
}

/** The plan of a workspace at an instant. */
export function planAt({ plan, upgrade }: Workspace, at: number): Plan {
  return upgrade !== undefined && at < upgrade.at ? upgrade.from : plan
}

/** When the owner pressed "cancel"; undefined where nobody did, or not yet. */
export function cancelledAt({ churn }: Workspace, end: number): number | undefined {
  if (churn?.cause !== 'cancel') return undefined
  const at = churn.at - NOTICE_DAYS * DAY
  return at <= end ? at : undefined
}

/** What is of one workspace together, in the order of the workspaces. */
export function byWorkspace<T extends { readonly workspace: Workspace }>(
  items: readonly T[],
): readonly (readonly T[])[] {
  return [...Map.groupBy(items, ({ workspace }) => workspace).values()]
}
