import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { systemEffects } from '../core/effects.ts'
import { type Suppressed, suppressionHash } from '../event/index.ts'
import type { RuntimeConfigInput } from './runtime-config.ts'
import { Sources } from './sources.ts'
import { AUTHORIZATION, collectorFolder, KEY, type TestCollector, testCollector } from './test/collector.ts'

type SourceInput = RuntimeConfigInput['sources'][number]

const track = { type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1' }
const nobody = { type: 'track', event: 'Nobody' }

/** A collector whose source `web` has these settings. */
async function collectorOf(web: Partial<SourceInput>, suppressed?: Suppressed): Promise<TestCollector> {
  const sources = [
    { name: 'web', writeKey: KEY, ...web },
    { name: 'app', writeKey: 'app-key' },
  ]
  return testCollector(await collectorFolder({ sources }, suppressed))
}

describe('on_invalid: reject', () => {
  test.each([
    ['/v1/batch', { batch: [track, nobody, track] }, 'batch[1]: request neither has anonymousId nor userId'],
    ['/v1/track', { ...track, properties: 'x' }, 'properties must be an object, not a string'],
  ])('%s is refused as a whole, and kept as it was sent', async (path, body, message) => {
    const collector = await collectorOf({ onInvalid: 'reject' })
    const response = await collector.post(path, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ success: false, code: 'event_refused', message })
    expect(await collector.records()).toMatchObject([
      { kind: 'rejected', source: 'web', reason: message, body: JSON.stringify(body) },
    ])
  })
})

test('an event larger than its source takes is refused, the others are taken', async () => {
  const collector = await collectorOf({ maxEventBytes: 200 })
  const large = { ...track, properties: { text: 'ß'.repeat(100) } }
  const bytes = Buffer.byteLength(JSON.stringify(large))
  const response = await collector.post('/v1/batch', { batch: [track, large] })
  expect(await response.json()).toMatchObject({
    refused: [{ index: 1, reason: `event of ${bytes} bytes is larger than 200` }],
  })
  expect(await collector.records()).toMatchObject([{ kind: 'event' }, { kind: 'rejected' }])
})

test('a disabled source answers 404 and keeps nothing', async () => {
  const collector = await collectorOf({ enabled: false })
  const response = await collector.post('/v1/track', track)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({
    code: 'source_disabled',
    message: expect.stringMatching(/^source is disabled/),
  })
  expect((await collector.post('/v1/track', { ...track, writeKey: KEY }, {})).status).toBe(404)
  expect((await collector.post('/v1/track?writeKey=app-key', track, {})).status).toBe(200)
  expect(await collector.records()).toMatchObject([{ source: 'app' }])
})

describe('origins', () => {
  const origin = 'https://shop.example'
  test.each<[headers: { origin?: string; referer?: string }, status: number]>([
    [{ origin }, 200],
    [{ origin: 'https://shop.example.evil' }, 403],
    [{ origin: 'null' }, 403],
    [{}, 403],
    [{ referer: `${origin}/cart?x=1` }, 200],
    [{ referer: 'nonsense' }, 403],
  ])('%j: %d', async (headers, status) => {
    const collector = await collectorOf({ origins: [origin] })
    const response = await collector.post(`/v1/track?writeKey=${KEY}`, track, { ...headers })
    expect(response.status).toBe(status)
    // The page may read why it was refused.
    expect(response.headers.get('access-control-allow-origin')).toBe(headers.origin ?? null)
    expect(await collector.records()).toHaveLength(status === 200 ? 1 : 0)
  })
})

test('beyond its rate a source is told when to come again, and others are not', async () => {
  const folder = await collectorFolder({
    sources: [
      { name: 'web', writeKey: KEY, rateLimit: { events: 10, withinMs: 60_000 } },
      { name: 'app', writeKey: 'app-key' },
    ],
  })
  let now = Date.parse('2026-01-01T00:00:00Z')
  const collector = await testCollector({ ...folder, effects: { ...systemEffects, now: () => new Date(now) } })
  const send = (count: number) => collector.post('/v1/batch', { batch: Array.from({ length: count }, () => track) })
  expect((await send(8)).status).toBe(200)
  const limited = await send(5)
  expect(limited.status).toBe(429)
  expect(limited.headers.get('retry-after')).toBe('18')
  expect(await limited.json()).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('"web"') })
  expect((await collector.post('/v1/track?writeKey=app-key', track, {})).status).toBe(200)
  now += 18_000
  expect((await send(5)).status).toBe(200)
  expect(await collector.records()).toHaveLength(14)
})

test('refusals count for the rate too, and small bodies that unpack to large ones are kept as they were sent', async () => {
  const collector = await collectorOf({ rateLimit: { events: 2, withinMs: 3_600_000 } })
  const headers = { authorization: AUTHORIZATION, 'content-encoding': 'gzip' }
  const bomb = gzipSync('\u0001'.repeat(1_000_000))
  const statuses: number[] = []
  for (let n = 0; n < 4; n++) statuses.push((await collector.post('/v1/track', bomb, headers)).status)
  expect(statuses).toEqual([400, 400, 429, 429])
  expect(await collector.records()).toMatchObject([0, 1].map(() => ({ body: `base64:${bomb.toString('base64')}` })))
})

describe('own paths', () => {
  const paths = { '/kite': '/', '/k.json': '/v1/track', '/kite/x': '/v1' }
  test.each([
    ['/kite/v1/track', 200],
    ['/kite/v1/t/', 200],
    ['/k.json', 200],
    ['/k.json?x=1', 200],
    ['/kite/x/track', 200],
    [`/kite/v1/track?writeKey=${KEY}`, 200],
    ['/kite/v1/track?writeKey=nope', 401],
    ['/kitesurf/v1/track', 503],
    ['/kite/graphql', 503],
  ])('%s: %d', async (path, status) => {
    const collector = await collectorOf({ paths })
    // What is not collection goes to the worker, which is absent here.
    expect((await collector.post(path, track, {})).status).toBe(status)
    if (status === 200) expect(await collector.records()).toMatchObject([{ source: 'web', event: { type: 'track' } }])
  })

  test('a key that comes along decides', async () => {
    const collector = await collectorOf({ paths })
    await collector.post('/kite/v1/track?writeKey=app-key', track, {})
    expect(await collector.records()).toMatchObject([{ source: 'app' }])
  })
})

describe('suppressed people', () => {
  const suppressions = { salt: 's', hashes: ['gone', 'a-gone'].map((id) => suppressionHash('s', id)) }

  test('are acknowledged and not stored', async () => {
    const collector = await collectorOf({}, suppressions)
    const batch = [track, { ...track, userId: ' gone ' }, { ...track, userId: null, anonymousId: 'a-gone' }]
    const response = await collector.post('/v1/batch', { batch })
    expect([response.status, await response.text()]).toEqual([200, '{"success":true}'])
    const alias = { userId: 'new', previousId: 'gone' }
    expect((await collector.post('/v1/alias', alias)).status).toBe(200)
    expect(await collector.records()).toMatchObject([{ kind: 'event', event: { userId: 'u1' } }])
    const report = await (await fetch(`${collector.url}/internal/collector`)).json()
    expect(report).toMatchObject({ events: 1, suppressed: 3, rejected: 0 })
  })

  test.each([
    ['reject', { batch: [{ ...track, userId: 'gone', traits: { email: 'gone@x.io' } }, nobody, track], writeKey: KEY }],
    [
      'quarantine',
      { batch: [{ ...track, userId: 'gone', traits: { email: 'gone@x.io' } }, nobody, track], writeKey: KEY },
    ],
  ] as const)('are in no record of what is refused beside them (%s), nor is the key', async (onInvalid, body) => {
    const collector = await collectorOf({ onInvalid }, suppressions)
    await collector.post('/v1/batch', body, {})
    await collector.post('/v1/batch', JSON.stringify(body).replace('"Nobody"', '"Nobody","n":1e400'), {})
    const text = JSON.stringify(await collector.records())
    expect(text).toContain('Nobody')
    expect(text).not.toMatch(/gone|web-key/)
  })

  test('places of refused events are those of the batch', async () => {
    const collector = await collectorOf({}, suppressions)
    const response = await collector.post('/v1/batch', { batch: [{ ...track, userId: 'gone' }, nobody] })
    expect(await response.json()).toMatchObject({ refused: [{ index: 1 }] })
  })
})

describe('pixels', () => {
  test.each(['track', 'page'])('/pixel/v1/%s', async (type) => {
    const collector = await collectorOf({})
    const query = new URLSearchParams({
      writeKey: KEY,
      anonymousId: '"a1"',
      event: 'Mail Opened',
      'context.page.url': 'https://x.example/?a=1',
      'properties.campaign': 'ß',
      'properties.campaign.deep': 'later',
      'properties.__proto__.polluted': 'no',
    })
    const response = await fetch(`${collector.url}/pixel/v1/${type}?${query}`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif'])
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toMatch(/^GIF89a/)
    const [record] = await collector.records()
    expect(record).toMatchObject({
      kind: 'event',
      source: 'web',
      event: {
        type,
        anonymousId: 'a1',
        event: 'Mail Opened',
        channel: 'web',
        integrations: { All: true },
        context: { page: { url: 'https://x.example/?a=1' } },
        properties: { campaign: { deep: 'later' } },
        sentAt: expect.any(String),
        ...(type === 'page' && { name: 'Unknown Page' }),
      },
    })
    expect(JSON.stringify(record)).not.toContain(KEY)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test.each([
    ['writeKey=nope&anonymousId=a', 'write_key_unknown', 0],
    ['anonymousId=a', 'write_key_missing', 0],
    [`writeKey=${KEY}`, null, 1],
  ])('%s: a picture all the same', async (query, refused, records) => {
    const collector = await collectorOf({})
    const response = await fetch(`${collector.url}/pixel/v1/track?${query}`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif'])
    expect(response.headers.get('x-muster-refused')).toBe(refused)
    expect(await collector.records()).toHaveLength(records)
  })
})

test('a new configuration takes effect, and rates that did not change go on counting', () => {
  const config = {
    version: 1 as const,
    socketPath: 's',
    trustedProxies: [],
    suppressionsFile: 's',
    limits: { maxRequestBytes: 1 },
  }
  const none = { salt: '', hashes: [] }
  const source = { name: 'web', writeKey: 'k', enabled: true, onInvalid: 'quarantine' as const, paths: {} }
  const rate = (events: number) => ({ ...config, sources: [{ ...source, rateLimit: { events, withinMs: 1000 } }] })
  const first = new Sources(rate(5), none)
  first.ofKey('k').limiter?.take(5, 0)
  const same = new Sources(rate(5), none, first)
  expect(same.ofKey('k').limiter?.take(1, 0)).toBeGreaterThan(0)
  const other = new Sources(rate(6), none, same)
  expect(other.ofKey('k').limiter?.take(1, 0)).toBe(0)
  expect(new Sources({ ...config, sources: [source] }, none, other).ofKey('k').limiter).toBeUndefined()
})
