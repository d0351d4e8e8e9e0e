import { DAY } from './period.ts'
import { chance, integer, mix, mulberry32, pick, type Random } from './random.ts'
import { cancelledAt, type Plan, planAt, type Workspace } from './workspaces.ts'

/**
 * What billing knows of a workspace.
 *
 * term     the time that one invoice pays for
 * attempt  one try to charge the card
 */
export interface Subscription {
  readonly status: 'trialing' | 'active' | 'past_due' | 'canceled'
  readonly currentTerm: Term
  readonly cancelAt: number | undefined
  readonly canceledAt: number | undefined
  readonly endedAt: number | undefined
  /** Terms after the trial, of the last twelve months. */
  readonly bills: readonly Bill[]
}

export interface Term {
  readonly start: number
  readonly end: number
}

export interface Bill {
  readonly term: Term
  /** Minor units. */
  readonly amount: number
  readonly status: 'paid' | 'open' | 'uncollectible'
  readonly attempts: readonly Attempt[]
}

export interface Attempt {
  readonly at: number
  /** undefined: the card was charged. */
  readonly failure: 'insufficient_funds' | 'expired_card' | 'card_declined' | undefined
}

/** Per seat and month, in minor units. */
export const SEAT_PRICES: Readonly<Record<Exclude<Plan, 'free'>, number>> = { starter: 900, team: 1900, business: 3900 }

/** A year costs ten months. */
export const MONTHS_PAID = { month: 1, year: 10 } as const

/** Days after the first attempt on which a failed card is tried again. */
const RETRIES = [0, 3, 5, 7]

/** Share of bills whose first attempt fails for no lasting reason. */
const HICCUPS = 0.03

/** The subscription of a workspace at the end of the period; undefined where it never had one. */
export function subscriptionOf(seed: number, end: number, workspace: Workspace): Subscription | undefined {
  const { plan, churn, trialEnd, createdAt } = workspace
  if (plan === 'free') return undefined
  const random = mulberry32(mix(seed, 5, workspace.index))
  const endedAt = churn !== undefined && churn.at <= end ? churn.at : undefined
  const terms = termsOf(workspace, endedAt ?? end)
  const bills = terms.map((term) => billOf(random, end, workspace, term, term === terms.at(-1)))
  const currentTerm = terms.at(-1) ?? { start: createdAt, end: trialEnd }
  const canceledAt = cancelledAt(workspace, end) ?? endedAt
  return {
    status: statusOf(trialEnd > end, endedAt, bills),
    currentTerm,
    cancelAt: canceledAt === undefined ? undefined : (endedAt ?? currentTerm.end),
    canceledAt,
    endedAt,
    bills: bills.filter(({ term }) => term.start > end - 365 * DAY),
  }
}

function statusOf(inTrial: boolean, endedAt: number | undefined, bills: readonly Bill[]): Subscription['status'] {
  if (endedAt !== undefined) return 'canceled'
  if (inTrial) return 'trialing'
  return bills.at(-1)?.status === 'open' ? 'past_due' : 'active'
}

/** Terms that began before an instant, the first at the end of the trial. */
function termsOf({ trialEnd, interval }: Workspace, before: number): readonly Term[] {
  const months = interval === 'year' ? 12 : 1
  const terms: Term[] = []
  for (let start = trialEnd, count = 1; start < before; count++) {
    const end = addMonths(trialEnd, count * months)
    terms.push({ start, end })
    start = end
  }
  return terms
}

/** The same day and hour some months later, or the 28th where the month may lack that day. */
function addMonths(at: number, months: number): number {
  const day = new Date(at)
  const dayOfMonth = Math.min(day.getUTCDate(), 28)
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months, dayOfMonth) + (at % DAY)
}

function billOf(random: Random, end: number, workspace: Workspace, term: Term, last: boolean): Bill {
  const { plan, churn, seats, interval } = workspace
  const price = planAt(workspace, term.start)
  const amount = (price === 'free' || plan === 'free' ? 0 : SEAT_PRICES[price]) * seats * MONTHS_PAID[interval]
  const due = term.start
  if (last && churn?.cause === 'payment') {
    const failure = pick(random, ['insufficient_funds', 'expired_card', 'card_declined'] as const)
    const attempts = RETRIES.map((days) => ({ at: due + days * DAY, failure })).filter(
      ({ at }) => at <= Math.min(end, churn.at),
    )
    return {
      term,
      amount,
      status: churn.at <= end ? 'uncollectible' : 'open',
      attempts,
    }
  }
  const paidAt = chance(random, HICCUPS) ? due + integer(random, 1, 3) * DAY : due
  const hiccup: readonly Attempt[] = paidAt > due ? [{ at: due, failure: 'insufficient_funds' }] : []
  const attempts = [...hiccup, { at: paidAt, failure: undefined }].filter(({ at }) => at <= end)
  return { term, amount, status: attempts.at(-1)?.failure === undefined ? 'paid' : 'open', attempts }
}
