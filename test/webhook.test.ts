import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadWebhookConnectors } from '../src/delivery/index.ts'
import { MapRunner } from '../src/gateway/webhook/run-map.ts'
import { TempProject } from './temp-project.ts'

const MUSTER = `version: 1
sources: { web: { write_key: k } }
source_tables:
  billing.customers: { file: customers.csv, identifiers: { stripe_customer_id: id } }
`
const AT = '2026-01-02T03:04:06.000Z'

let project: TempProject

beforeEach(async () => {
  project = await TempProject.make({ 'muster.yaml': MUSTER, 'data/customers.csv': 'id,plan\ncus_1,pro\ncus_2,free\n' })
})

afterEach(() => project[Symbol.asyncDispose]())

let count = 0

/** The events that the bundled map makes of a Stripe event about this object. */
async function stripe(type: string, object: object, id = `evt_${count++}`): Promise<object[]> {
  const map = (await loadWebhookConnectors()).get('stripe')?.map
  if (map === undefined) throw new Error('there is no connector stripe')
  const body = JSON.stringify({ id, object: 'event', type, created: 1767323045, livemode: true, data: { object } })
  const answer = await new MapRunner(5_000).run({ source: 'web', map, body, receivedAt: AT, headers: {}, query: {} })
  if ('failure' in answer) throw new Error(answer.failure)
  return JSON.parse(answer.events) // of our own map, whose cases say what it makes
}

const profilesOf = async (table: string) => {
  const rows = await project.rows<{ profile_id: number | null }>(`select profile_id from stitched.${table} order by 1`)
  return rows.map(({ profile_id }) => profile_id)
}

const invoice = (customer: string, more: object = {}) => ({
  id: `in_${customer}`,
  object: 'invoice',
  customer,
  amount_paid: 1999,
  currency: 'usd',
  ...more,
})
const subscription = (customer: string, more: object = {}) => ({
  id: 'sub_1',
  object: 'subscription',
  customer,
  ...more,
})

test('an address on an invoice ties all of a customer’s billing to the person of the website', async () => {
  const visitor = { anonymousId: 'a1', userId: 'u1', timestamp: AT }
  await project.land([
    { type: 'identify', ...visitor, traits: { email: 'ann@x.io' } },
    ...(await stripe('customer.subscription.updated', subscription('cus_1'))),
    ...(await stripe('invoice.paid', invoice('cus_1', { customer_email: 'Ann@X.io' }))),
    ...(await stripe('invoice.paid', invoice('cus_2'))),
  ])
  await project.run()
  const [person] = await profilesOf(`identifies where user_id = 'u1'`)
  expect(person).toEqual(expect.any(Number))
  expect(await profilesOf('subscription_updated')).toEqual([person])
  const invoices = await project.rows<{ customer_id: string; profile_id: number }>(
    'select customer_id, profile_id, amount from stitched.invoice_paid order by 1',
  )
  expect(invoices[0]).toEqual({ customer_id: 'cus_1', profile_id: person, amount: 19.99 })
  expect(invoices[1]?.profile_id).not.toBe(person)
  const [pro] = await project.rows(`select profile_id from stitched.billing_customers where plan = 'pro'`)
  expect(pro).toEqual({ profile_id: person })
})

test('so does a user id in metadata, whichever object of the customer carries it', async () => {
  await project.land([
    { type: 'track', event: 'Clicked', userId: 'u1', timestamp: AT },
    ...(await stripe('invoice.paid', invoice('cus_1'))),
    ...(await stripe('customer.subscription.created', subscription('cus_1', { metadata: { user_id: 'u1' } }))),
  ])
  await project.run()
  expect(await profilesOf('invoice_paid')).toEqual(await profilesOf('clicked'))
})

test('a delivery that Stripe repeats is one row; what is about nobody has no profile', async () => {
  const paid = await stripe('invoice.paid', invoice('cus_1', { customer_email: 'ann@x.io' }), 'evt_same')
  const payout = await stripe('payout.paid', { id: 'po_1', object: 'payout', amount: 100, currency: 'usd' })
  await project.land([...paid, ...payout])
  await project.land(paid)
  await project.run()
  expect(await profilesOf('invoice_paid')).toHaveLength(1)
  expect(await profilesOf('identifies')).toHaveLength(1)
  expect(await profilesOf('stripe_event')).toEqual([null])
})
