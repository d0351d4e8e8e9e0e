import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { suppressionHash } from '../event/index.ts'
import type { RuntimeConfigInput } from './runtime-config.ts'
import { collectorFolder, KEY, type TestCollector, testCollector } from './test/collector.ts'

type SourceInput = RuntimeConfigInput['sources'][number]

const MAP = {
  file: 'crm.jsonata',
  text: `kind = 'bad' ? $error('no such kind') : kind = 'none' ? [] : people.{
    "type": "track", "event": "Called", "userId": id, "properties": { "kind": $$.kind } }`,
}

async function collectorOf(web: Partial<SourceInput>): Promise<TestCollector> {
  const sources = [{ name: 'web', writeKey: KEY, webhook: { map: MAP }, ...web }]
  const gone = { salt: 's', hashes: [suppressionHash('s', 'gone')] }
  return testCollector(await collectorFolder({ sources }, gone))
}

const path = `/v1/webhook?writeKey=${KEY}`

describe('a webhook', () => {
  test('becomes the events its map makes of it; bad ones are kept as refused, suppressed people not at all', async () => {
    const collector = await collectorOf({})
    const people = [{ id: 'u1' }, { id: 'gone' }, {}, { id: 'u2' }]
    const response = await collector.post(path, { kind: 'call', people }, {})
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ refusedCount: 1, refused: [{ index: 2 }] })
    expect(await collector.records()).toMatchObject([
      { kind: 'event', source: 'web', event: { userId: 'u1', event: 'Called', properties: { kind: 'call' } } },
      { kind: 'rejected', reason: 'batch[2]: request neither has anonymousId nor userId' },
      { kind: 'event', event: { userId: 'u2' } },
    ])
  })

  test.each([
    ['none', 'the map makes no event of it'],
    ['bad', 'no such kind'],
  ])('of which the map makes no event (%s) is kept whole', async (kind, reason) => {
    const collector = await collectorOf({})
    const body = JSON.stringify({ kind, text: 'ß' })
    const response = await collector.post(path, body, {})
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ refused: [{ reason: expect.stringContaining(reason) }] })
    expect(await collector.records()).toMatchObject([
      { kind: 'rejected', source: 'web', reason: expect.stringContaining(reason), body },
    ])
  })

  test('whose map fails is refused by a source that rejects, and kept once', async () => {
    const collector = await collectorOf({ onInvalid: 'reject' })
    const response = await collector.post(path, { kind: 'bad' }, {})
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'webhook_map_failed' }])
    expect(await collector.records()).toMatchObject([{ kind: 'rejected' }])
  })

  test('by GET is its query', async () => {
    const collector = await collectorOf({ webhook: { map: { file: 'm', text: '{ "type": "page", "userId": id }' } } })
    expect((await fetch(`${collector.url}${path}&id=u7`)).status).toBe(200)
    expect(await collector.records()).toMatchObject([{ event: { type: 'page', userId: 'u7' } }])
  })

  test('is verified over its very bytes, before anything is kept', async () => {
    const signature = {
      scheme: 'hmac',
      header: 'x-sig',
      algorithm: 'sha256',
      encoding: 'hex',
      secrets: ['s3cret'],
    } as const
    const collector = await collectorOf({ webhook: { map: MAP, signature: { ...signature, prefix: '' } } })
    const body = '{ "kind" : "call", "people": { "id": "u1" } }'
    const sign = (secret: string) => ({ 'x-sig': createHmac('sha256', secret).update(body).digest('hex') })
    const refused = await collector.post(path, body, sign('wrong'))
    expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'webhook_signature_invalid' }])
    expect(await collector.records()).toEqual([])
    // The key alone, which stands in the URL, opens nothing else.
    for (const other of ['/v1/track', '/v1/batch']) {
      const event = { userId: 'u', batch: [{ type: 'track', userId: 'u' }] }
      expect((await collector.post(`${other}?writeKey=${KEY}`, event, {})).status).toBe(401)
    }
    expect((await collector.post(path, body, sign('s3cret'))).status).toBe(200)
    expect(await collector.records()).toHaveLength(1)
  })
})

test('a source without a map takes no webhooks', async () => {
  const collector = await testCollector(await collectorFolder())
  const response = await collector.post(path, {}, {})
  expect([response.status, await response.json()]).toMatchObject([404, { code: 'webhook_absent' }])
})
