import { type AcceptedEvent, acceptEvent } from '../../src/event/index.ts'

const FIRST = Date.parse('2026-01-01T00:00:00Z')
const NAMES = ['Product Viewed', 'Product Added', 'Cart Viewed', 'Checkout Started', 'Order Completed', 'Coupon Used']

/** The nth event of a shop with 50,000 visitors: six in ten track, the rest page, identify and group. */
export function shopEvent(n: number): AcceptedEvent {
  const visitor = (n * 7919) % 50_000
  const at = new Date(FIRST + n * 250).toISOString()
  const sent = {
    messageId: `${n.toString(16).padStart(12, '0')}-0000-4000-8000-000000000000`,
    anonymousId: `${visitor.toString(16).padStart(8, '0')}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`,
    ...(visitor % 3 !== 0 && { userId: `user-${visitor}` }),
    originalTimestamp: at,
    sentAt: at,
    context: {
      ip: `203.0.113.${visitor % 250}`,
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      locale: 'en-GB',
      page: {
        url: `https://shop.example/products/${n % 500}`,
        path: `/products/${n % 500}`,
        title: 'Products',
        referrer: '',
      },
      library: { name: 'analytics.js', version: '3.1.0' },
      campaign: n % 5 === 0 ? { source: 'newsletter', medium: 'email', name: 'spring' } : {},
    },
    ...body(n, visitor),
  }
  const accepted = acceptEvent(sent, { receivedAt: at, requestIp: '203.0.113.1', id: () => '' })
  if ('reason' in accepted) throw new Error(accepted.reason)
  return accepted.event
}

function body(n: number, visitor: number): object {
  const kind = n % 20
  if (kind < 12) {
    const properties = {
      product_id: `p${n % 500}`,
      price: (n % 9000) / 100,
      quantity: (n % 4) + 1,
      currency: 'EUR',
      gift: n % 7 === 0,
      categories: ['shoes', 'sale'],
    }
    return { type: 'track', event: NAMES[n % NAMES.length], properties }
  }
  if (kind < 17) return { type: 'page', name: 'Product', properties: { product_id: `p${n % 500}`, depth: n % 100 } }
  if (kind < 19) {
    const traits = { email: `user-${visitor}@shop.example`, plan: n % 2 ? 'free' : 'pro', age: 20 + (visitor % 50) }
    return { type: 'identify', traits }
  }
  return {
    type: 'group',
    groupId: `company-${visitor % 900}`,
    traits: { name: `Company ${visitor % 900}`, seats: n % 40 },
  }
}
