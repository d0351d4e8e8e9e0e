import { bookkeeperOf, type ClaimedRow, claimsOf, personOf } from './claim.ts'
import type { Company } from './company.ts'
import { SHARES, typed } from './dirt.ts'
import type { Bookkeeper } from './outsiders.ts'
import { ownAddress, type User } from './people.ts'
import { numberWrittenDown } from './phone-holders.ts'
import { writtenDown } from './phones.ts'
import { chance, integer, mix, mulberry32, type Random } from './random.ts'
import { type Bill, MONTHS_PAID, SEAT_PRICES, type Subscription, subscriptionOf } from './subscription.ts'
import { instant, type Row, type Table } from './table.ts'
import type { Workspace } from './workspaces.ts'

interface Account {
  readonly workspace: Workspace
  readonly owner: User
  /** Pays in the owner's place. */
  readonly bookkeeper: Bookkeeper | undefined
  readonly subscription: Subscription
  readonly customerId: string
  readonly subscriptionId: string
}

/** The billing system's tables, with the columns of a Fivetran extract of Stripe. Amounts are in minor units. */
export function billingTables(company: Company): readonly Table[] {
  const accounts = accountsOf(company)
  const random = mulberry32(mix(company.seed, 6))
  const customers = accounts.map((account) => customer(random, account))
  return [
    {
      schema: 'billing',
      name: 'customers',
      rows: customers.map(({ row }) => row),
      claims: customers.flatMap(({ claims }) => claims),
    },
    { schema: 'billing', name: 'subscriptions', rows: accounts.map(subscription) },
    { schema: 'billing', name: 'subscription_items', rows: accounts.map(subscriptionItem) },
    { schema: 'billing', name: 'prices', rows: prices() },
    {
      schema: 'billing',
      name: 'invoices',
      rows: accounts.flatMap((account) =>
        account.subscription.bills.map((bill, index) => invoice(account, bill, index)),
      ),
    },
    {
      schema: 'billing',
      name: 'charges',
      rows: accounts.flatMap((account) =>
        account.subscription.bills.flatMap((bill, index) => charges(account, bill, index)),
      ),
    },
  ]
}

function accountsOf({ seed, end, users, bookkeepers }: Company): readonly Account[] {
  return users.flatMap((owner) => {
    const { workspace } = owner
    const held = owner.owner ? subscriptionOf(seed, end, workspace) : undefined
    if (held === undefined) return []
    const number = String(workspace.index + 1).padStart(4, '0')
    const bookkeeper = bookkeepers.get(workspace.index)
    const ids = { customerId: `cus_Hb${number}`, subscriptionId: `sub_Hb${number}` }
    return [{ workspace, owner, bookkeeper, subscription: held, ...ids }]
  })
}

/** Some customers were made by hand and lack the user id; address and phone are all that ties them to a person. */
function customer(random: Random, { workspace, owner, bookkeeper, subscription, customerId }: Account): ClaimedRow {
  const byHand = chance(random, 0.15)
  const address = bookkeeper ? { value: bookkeeper.email } : ownAddress(owner)
  const email = { ...address, value: typed(random, address.value) }
  const number = bookkeeper ? writtenDown(random, bookkeeper.number) : numberWrittenDown(random, owner)
  const phone = chance(random, SHARES.phoneInBilling) ? number : undefined
  const userId = byHand || bookkeeper ? undefined : { value: owner.id }
  const row = {
    id: customerId,
    email: email.value,
    name: workspace.name,
    phone: phone?.value ?? null,
    created: instant(workspace.createdAt),
    currency: 'usd',
    balance: 0,
    delinquent: subscription.bills.at(-1)?.status === 'open',
    is_deleted: false,
    address_country: workspace.country,
    address_postal_code: String(integer(random, 0, 99_999)).padStart(5, '0'),
    tax_exempt: 'none',
    livemode: true,
    metadata_account_id: workspace.id,
    metadata_user_id: userId?.value ?? null,
  }
  const person = bookkeeper ? bookkeeperOf(workspace.index) : personOf(owner)
  return { row, claims: claimsOf(person, { user_id: userId, email, phone }) }
}

const at = (when: number | undefined): string | null => (when === undefined ? null : instant(when))

function subscription({ workspace, subscription: held, customerId, subscriptionId }: Account): Row {
  const { currentTerm, bills } = held
  return {
    id: subscriptionId,
    customer_id: customerId,
    status: held.status,
    start_date: instant(workspace.createdAt),
    created: instant(workspace.createdAt),
    current_period_start: instant(currentTerm.start),
    current_period_end: instant(currentTerm.end),
    cancel_at: at(held.cancelAt),
    cancel_at_period_end: held.status !== 'canceled' && held.canceledAt !== undefined,
    canceled_at: at(held.canceledAt),
    ended_at: at(held.endedAt),
    trial_start: instant(workspace.createdAt),
    trial_end: instant(workspace.trialEnd),
    latest_invoice_id: bills.length === 0 ? null : invoiceId(workspace, bills.length - 1),
    quantity: workspace.seats,
    billing: 'charge_automatically',
    livemode: true,
  }
}

function subscriptionItem({ workspace, subscription: held, subscriptionId }: Account): Row {
  return {
    id: subscriptionId.replace('sub_', 'si_'),
    subscription_id: subscriptionId,
    plan_id: `price_${workspace.plan}_${workspace.interval}`,
    quantity: workspace.seats,
    created: instant(workspace.upgrade?.at ?? workspace.createdAt),
    current_period_start: instant(held.currentTerm.start),
    current_period_end: instant(held.currentTerm.end),
  }
}

function prices(): readonly Row[] {
  return Object.entries(SEAT_PRICES).flatMap(([plan, amount]) =>
    (['month', 'year'] as const).map((interval) => ({
      id: `price_${plan}_${interval}`,
      product_id: `prod_${plan}`,
      active: true,
      currency: 'usd',
      unit_amount: amount * MONTHS_PAID[interval],
      recurring_interval: interval,
      recurring_interval_count: 1,
      recurring_usage_type: 'licensed',
      billing_scheme: 'per_unit',
    })),
  )
}

const invoiceId = ({ index }: Workspace, bill: number): string =>
  `in_Hb${String(index + 1).padStart(4, '0')}${String(bill + 1).padStart(2, '0')}`

function invoice(
  { workspace, customerId, subscriptionId }: Account,
  { term, amount, status, attempts }: Bill,
  index: number,
): Row {
  const paid = status === 'paid'
  return {
    id: invoiceId(workspace, index),
    customer_id: customerId,
    subscription_id: subscriptionId,
    number: `HARBOR-${workspace.index + 1}-${String(index + 1).padStart(4, '0')}`,
    status,
    paid,
    attempted: attempts.length > 0,
    attempt_count: attempts.length,
    amount_due: amount,
    amount_paid: paid ? amount : 0,
    amount_remaining: paid ? 0 : amount,
    subtotal: amount,
    tax: null,
    total: amount,
    currency: 'usd',
    created: instant(term.start),
    due_date: null,
    period_start: instant(term.start),
    period_end: instant(term.end),
    billing_reason: 'subscription_cycle',
    status_transitions_paid_at: paid ? at(attempts.at(-1)?.at) : null,
  }
}

function charges(
  { workspace, owner, bookkeeper, customerId }: Account,
  { amount, attempts }: Bill,
  index: number,
): readonly Row[] {
  return attempts.map(({ at: tried, failure }, attempt) => ({
    id: `${invoiceId(workspace, index).replace('in_', 'ch_')}${attempt + 1}`,
    customer_id: customerId,
    invoice_id: invoiceId(workspace, index),
    amount,
    amount_refunded: 0,
    currency: 'usd',
    created: instant(tried),
    paid: failure === undefined,
    captured: failure === undefined,
    refunded: false,
    status: failure === undefined ? 'succeeded' : 'failed',
    failure_code: failure ?? null,
    failure_message: failure === undefined ? null : `Your card was declined: ${failure.replaceAll('_', ' ')}.`,
    outcome_type: failure === undefined ? 'authorized' : 'issuer_declined',
    receipt_email: bookkeeper?.email ?? owner.email,
  }))
}
