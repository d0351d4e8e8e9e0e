import { expect, test } from 'vitest'
import { testCollector } from './test/collector.ts'

test.each([
  ['/v1/track', '{"userId":9007199254740993,"properties":{"n":9007199254740993}}', ['9007199254740993']],
  ['/v1/track', '{"anonymousId":-12345678901234567890,"userId":7}', [7]],
  [
    '/v1/batch',
    '{"batch":[{"type":"page","userId":9007199254740992},{"type":"page","userId":9007199254740993}]}',
    ['9007199254740992', '9007199254740993'],
  ],
])('%s %s: long numeric ids keep their digits', async (path, body, userIds) => {
  const collector = await testCollector()
  expect((await collector.post(path, body)).status).toBe(200)
  expect(await collector.records()).toMatchObject(userIds.map((userId) => ({ kind: 'event', event: { userId } })))
})

test('an event with a number that nothing can hold is kept as it was sent', async () => {
  const collector = await testCollector()
  const body = '{"userId":"u","properties":{"n":1e400}}'
  await collector.post('/v1/track', body)
  expect(await collector.records()).toMatchObject([
    { kind: 'rejected', reason: 'a number in the event is beyond 1.8e308', body },
  ])
})
