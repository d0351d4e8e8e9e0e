import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ServedProject } from '../server/served-project.ts'
import { expectHeld } from './held.ts'
import { RecordingProxy } from './recording-proxy.ts'
import { PROPERTIES, TRAITS } from './sample.ts'

const NAMES = ['segment', 'rudder', 'segment_down', 'rudder_down', 'segment_lost', 'rudder_lost']

const TYPES = ['identify', 'track', 'track', 'page', 'screen', 'group', 'alias']

const TABLES = { 'Straße betreten 🎉': 'stra_e_betreten' }

const WHO = {
  userId: "u-O'Brien-ß",
  context: { locale: 'de-DE', app: { name: 'Shop 🎉', build: 7 }, traits: { plan: 'pro' } },
}

let project: ServedProject
let proxy: RecordingProxy

beforeAll(async () => {
  project = await ServedProject.start(Object.fromEntries(NAMES.map((name) => [name, { write_key: keyOf(name) }])))
  proxy = await RecordingProxy.start(project.url)
}, 120_000)

beforeEach(() => {
  proxy.mode = 'pass'
})

afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]()
  await project?.[Symbol.asyncDispose]()
})

test("Segment's SDK for Node: every call, field by field", { timeout: 60_000 }, async () => {
  const failures: unknown[] = []
  const analytics = segment('segment')
  analytics.on('error', (error) => failures.push(error))
  everyCall(analytics)
  await analytics.closeAndFlush({ timeout: 30_000 })
  expect(failures).toEqual([])
  const sent = proxy.acknowledged(keyOf('segment'))
  expect(sent.map(({ event }) => event.type)).toEqual(TYPES)
  await expectHeld(project, 'segment', sent, { tables: TABLES })
})

test("RudderStack's SDK for Node: every call, gzipped, field by field", { timeout: 60_000 }, async () => {
  const analytics = rudder('rudder')
  everyCall(analytics)
  await flushed(analytics)
  const sent = proxy.acknowledged(keyOf('rudder'))
  expect(sent.map(({ event }) => event.type)).toEqual(TYPES)
  expect(new Set(sent.map(({ exchange }) => exchange.headers['content-encoding']))).toEqual(new Set(['gzip']))
  await expectHeld(project, 'rudder', sent, { tables: TABLES })
})

test('the comparison fails when a single value differs, is missing or is too many', async () => {
  const [identify, ...others] = proxy.acknowledged(keyOf('segment'))
  if (identify === undefined) throw new Error('the first test sends')
  for (const change of [{ age: 37 }, { tags: undefined }, { further: 1 }]) {
    const traits = JSON.parse(JSON.stringify({ ...TRAITS, ...change }))
    const altered = [{ ...identify, event: { ...identify.event, traits } }, ...others]
    await expect(expectHeld(project, 'segment', altered, { tables: TABLES })).rejects.toThrow('identifies')
  }
})

test('both are told when no source has their key', async () => {
  type Failure = { readonly reason?: unknown }
  const failures = await Promise.all([
    new Promise<Failure>((resolve) => {
      const analytics = segment('nobody')
      analytics.on('error', resolve)
      analytics.track({ ...WHO, event: 'Clicked' })
    }),
    new Promise<Failure>((resolve) => {
      rudder('nobody', resolve).track({ ...WHO, event: 'Clicked' })
    }),
  ])
  for (const failure of failures) expect(String(failure.reason ?? failure)).toContain('401')
})

test('the collector is killed: the SDKs try again, and everything is there once', { timeout: 90_000 }, async () => {
  const before = proxy.exchanges.length
  await project.kill('collector')
  await tenEach(segment('segment_down'), rudder('rudder_down'))
  expect(proxy.exchanges.slice(before).filter(({ status }) => status === undefined)).not.toEqual([])
  for (const name of ['segment_down', 'rudder_down']) {
    const sent = proxy.acknowledged(keyOf(name))
    expect(sent).toHaveLength(10)
    await expectHeld(project, name, sent)
  }
})

test('answers are lost: the SDKs send again what is stored, and everything is there once', {
  timeout: 90_000,
}, async () => {
  proxy.mode = 'lose answers'
  const before = proxy.exchanges.length
  const sending = tenEach(segment('segment_lost'), rudder('rudder_lost'))
  await vi.waitFor(() => expect(proxy.exchanges.length - before).toBeGreaterThan(4), { timeout: 30_000 })
  proxy.mode = 'pass'
  await sending
  await project.landed()
  for (const name of ['segment_lost', 'rudder_lost']) {
    const ids = proxy.acknowledged(keyOf(name)).map(({ event }) => event.messageId)
    expect(new Set(ids).size).toBe(10)
    const rows = await project.rows<{ id: string }>(`select id from ${name}.tracks`)
    expect(rows.map(({ id }) => id).sort()).toEqual(ids.sort())
  }
})

function everyCall(analytics: Analytics | RudderAnalytics): void {
  analytics.identify({ ...WHO, traits: TRAITS, timestamp: new Date('2026-01-31T12:34:56.789Z') })
  analytics.track({ ...WHO, event: 'Order Completed', properties: PROPERTIES })
  analytics.track({ anonymousId: 'a-İ', event: 'Straße betreten 🎉', properties: { seen: true } })
  analytics.page({ ...WHO, category: 'Docs', name: 'Über uns', properties: PROPERTIES })
  analytics.screen({ anonymousId: 'a-İ', name: 'Cart', properties: PROPERTIES })
  analytics.group({ ...WHO, groupId: 'g-Söhne', traits: TRAITS })
  analytics.alias({ userId: WHO.userId, previousId: 'a-İ' })
}

async function tenEach(one: Analytics, other: RudderAnalytics): Promise<void> {
  for (let place = 0; place < 10; place++) {
    one.track({ ...WHO, event: 'Clicked', properties: { place } })
    other.track({ ...WHO, event: 'Clicked', properties: { place } })
  }
  await Promise.all([one.closeAndFlush({ timeout: 60_000 }), flushed(other)])
}

function segment(name: string): Analytics {
  return new Analytics({ writeKey: keyOf(name), host: proxy.url, flushAt: 4, flushInterval: 50, maxRetries: 50 })
}

function rudder(name: string, errorHandler?: (error: object) => void): RudderAnalytics {
  return new RudderAnalytics(keyOf(name), {
    dataPlaneUrl: proxy.url,
    flushAt: 4,
    flushInterval: 50,
    logLevel: 'none',
    retryCount: 50,
    axiosRetryConfig: { retryDelay: () => 100 },
    ...(errorHandler === undefined ? {} : { errorHandler }),
  })
}

/** A flush takes no more than a batch. */
async function flushed(analytics: RudderAnalytics): Promise<void> {
  for (let batch = 0; batch < 3; batch++) await analytics.flush()
}

function keyOf(name: string): string {
  return `key-of-${name}`
}
