/** What events are made of: every kind of value, and texts that quoting, encoding and upper case get wrong. */

const TEXT = 'O\'Brien said "grüße" 🎉 straße İstanbul \\ back\nnext line'

export const TRAITS = {
  name: "Ada O'Brien",
  nick: 'İlayda 🎉 ß',
  plan: 'pro',
  age: 36,
  score: 7.25,
  subscribed: true,
  born: new Date('1989-12-10T00:00:00.000Z'),
  since: '2024-02-29',
  employer: { title: 'Straße & Söhne', size: 12, address: { city: 'Gießen', zip: '035390' } },
  tags: ['a', 'ß', "O'Neil"],
  nothing: null,
  empty: '',
}

export const PROPERTIES = {
  note: TEXT,
  total: 49.9,
  quantity: 3,
  zero: 0,
  loss: -7,
  largest: Number.MAX_SAFE_INTEGER,
  tiny: 1e-7,
  paid: true,
  refunded: false,
  shippedAt: new Date('2026-01-31T23:59:59.999Z'),
  dueOn: '2026-02-28',
  coupon: null,
  empty: '',
  hollow: {},
  none: [],
  codes: [1, 2.5, null, 'ß'],
  lines: [
    { sku: 'p-1', price: 9.99, tags: ['a', '🎉'] },
    { sku: 'p-2', price: null, deep: { er: [1, false] } },
  ],
  customer: { city: 'Gießen', geo: { lat: 50.58, lon: 8.67 }, phones: ['+49 641 1', '+49 641 2'] },
}
