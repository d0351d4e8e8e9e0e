import { Analytics } from '@segment/analytics-node'
import { expect, test } from 'vitest'
import { collectorFolder, KEY, testCollector } from './test/collector.ts'

test("Segment's own client delivers every call", async () => {
  const collector = await testCollector()
  const analytics = new Analytics({ writeKey: KEY, host: collector.url, flushAt: 3, flushInterval: 10 })
  const failures: unknown[] = []
  analytics.on('error', (error) => failures.push(error))
  analytics.identify({ userId: 'u1', traits: { plan: 'pro' } })
  for (let n = 0; n < 20; n++) analytics.track({ userId: 'u1', event: 'Ordered', properties: { n } })
  analytics.page({ anonymousId: 'a1', name: 'Home' })
  analytics.group({ userId: 'u1', groupId: 'g1' })
  analytics.alias({ userId: 'u1', previousId: 'a1' })
  await analytics.closeAndFlush()
  expect(failures).toEqual([])
  const events = (await collector.records()).map((record) => record.kind === 'event' && record.event)
  expect(events).toHaveLength(24)
  expect(events[0]).toMatchObject({
    type: 'identify',
    userId: 'u1',
    traits: { plan: 'pro' },
    sentAt: expect.any(String),
  })
})

test('it is told when its key is wrong', async () => {
  const collector = await testCollector(await collectorFolder())
  const analytics = new Analytics({ writeKey: 'wrong', host: collector.url, flushAt: 1, maxRetries: 0 })
  const failure = new Promise<{ reason?: unknown }>((resolve) => analytics.on('error', resolve))
  analytics.track({ userId: 'u1', event: 'Ordered' })
  expect(JSON.stringify(await failure)).toContain('delivery_failure')
  await analytics.closeAndFlush()
  expect(await collector.records()).toEqual([])
})
