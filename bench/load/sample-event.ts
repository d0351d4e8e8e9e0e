const uuid = '0d7b9f2e-4c11-4c6e-9a57-2f1f5b0f3c11'

/** An e-commerce event of about 700 bytes, as a browser sends it. */
export const sampleEvent = {
  type: 'track',
  event: 'Order Completed',
  messageId: uuid,
  anonymousId: uuid,
  userId: 'u123',
  context: {
    ip: '203.0.113.4',
    userAgent: `Mozilla/5.0 ${'x'.repeat(100)}`,
    page: { url: `https://example.com/${'p'.repeat(60)}`, title: `Title ${'t'.repeat(40)}` },
    library: { name: 'analytics.js', version: '1' },
  },
  properties: {
    order_id: 'o1',
    revenue: 99.5,
    products: [
      { sku: 's1', price: 1 },
      { sku: 's2', price: 2 },
    ],
  },
  timestamp: '2026-01-02T03:04:05.678Z',
} as const
