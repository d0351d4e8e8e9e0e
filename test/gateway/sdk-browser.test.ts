import type { RudderAnalytics } from '@rudderstack/analytics-js'
import type { AnalyticsBrowser } from '@segment/analytics-next'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { launchBrowser } from '../server/browser.ts'
import { ServedProject } from '../server/served-project.ts'
import { expectHeld } from './held.ts'
import { RecordingProxy, type Sent } from './recording-proxy.ts'
import { PROPERTIES, TRAITS } from './sample.ts'
import { type Sdk, Shop, type Visit } from './shop.ts'

/** What the SDKs have in common. */
interface Calls {
  identify(userId: string, traits: typeof TRAITS): unknown
  track(event: string, properties?: typeof PROPERTIES | { readonly place: number }): unknown
  page(category: string, name: string, properties: typeof PROPERTIES): unknown
  group(groupId: string, traits: typeof TRAITS): unknown
  alias(to: string, from: string): unknown
}

declare global {
  interface Window {
    readonly AnalyticsNext: { readonly AnalyticsBrowser: typeof AnalyticsBrowser }
    sdk: Calls
  }
}

const SDKS: readonly Sdk[] = ['segment', 'rudder']

const NAMES = ['all', 'batch', 'beacon', 'own', 'lost', 'cors', 'disabled'].flatMap((name) =>
  SDKS.map((sdk) => `${sdk}_${name}`),
)

/** Long enough for a machine with much else to do. */
const WAIT = { timeout: 30_000, interval: 20 }

let project: ServedProject
let proxy: RecordingProxy
let shop: Shop
let browser: Browser

beforeAll(async () => {
  const sources = NAMES.map((name) => [
    name,
    {
      write_key: keyOf(name),
      enabled: !name.endsWith('_disabled'),
      ...(name.endsWith('_own') ? { paths: { [`/${name}`]: '/' } } : {}),
    },
  ])
  const all = [ServedProject.start(Object.fromEntries(sources)), Shop.open(), launchBrowser()] as const
  ;[project, shop, browser] = await Promise.all(all)
  proxy = await RecordingProxy.start(project.url)
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await shop?.[Symbol.asyncDispose]()
  await proxy?.[Symbol.asyncDispose]()
  await project?.[Symbol.asyncDispose]()
})

describe.concurrent('what a page sends is what the warehouse holds, field by field', () => {
  test.each(SDKS)('%s: every call', { timeout: 90_000 }, async (sdk) => {
    await using visit = await load(sdk, 'all')
    await visit.page.evaluate(
      ({ traits, properties }) => {
        const { sdk } = window
        sdk.identify("u-O'Brien-ß", traits)
        sdk.track('Order Completed', properties)
        sdk.page('Docs', 'Über uns', properties)
        sdk.group('g-Söhne', traits)
        sdk.alias('u-İ', "u-O'Brien-ß")
      },
      { traits: TRAITS, properties: PROPERTIES },
    )
    const sent = await acknowledged(`${sdk}_all`, 5, visit)
    expect(sent.map(({ event }) => event.type).sort()).toEqual(['alias', 'group', 'identify', 'page', 'track'])
    await expectHeld(project, `${sdk}_all`, sent)
    expect([visit.elsewhere, visit.errors, visit.failures]).toEqual([[], [], []])
  })

  test.each(SDKS)('%s: by a path of its own, and by none that ad blockers know', { timeout: 90_000 }, async (sdk) => {
    const name = `${sdk}_own`
    await using visit = await load(sdk, 'own', {}, `/${name}`)
    await track(visit, 2)
    await expectHeld(project, name, await acknowledged(name, 2, visit))
    const asked = proxy.exchanges.filter(
      ({ path, headers }) => path.includes(keyOf(name)) || headers.authorization === basic(name),
    )
    expect(asked.length).toBeGreaterThan(2)
    expect(asked.map(({ path }) => path).filter((path) => !path.startsWith(`/${name}/`))).toEqual([])
    expect([visit.elsewhere, visit.errors]).toEqual([[], []])
  })

  const batching = { strategy: 'batching', config: { size: 3, timeout: 60_000 } }
  test.each([
    ['segment', 'batch', '/v1/b', { integrations: { 'Segment.io': { deliveryStrategy: batching } } }],
    [
      'rudder',
      'batch',
      '/v1/batch',
      { queueOptions: { batch: { enabled: true, maxItems: 3, flushInterval: 600_000 } } },
    ],
    ['rudder', 'beacon', '/beacon/v1/batch', { useBeacon: true, beaconQueueOptions: { maxItems: 3 } }],
  ] as const)('%s in batches: %s', { timeout: 90_000 }, async (sdk, way, path, options) => {
    await using visit = await load(sdk, way, options)
    await track(visit, 3)
    await acknowledged(`${sdk}_${way}`, 3, visit)
    // Fewer than a batch go when the page is left.
    await track(visit, 2)
    await visit.page.goto(`${shop.origin}/next`)
    const sent = await acknowledged(`${sdk}_${way}`, 5, visit)
    expect(new Set(sent.map(({ exchange }) => exchange.path.replace(/\?.*/, '')))).toEqual(new Set([path]))
    expect(new Set(sent.map(({ exchange }) => exchange)).size).toBe(2)
    await expectHeld(project, `${sdk}_${way}`, sent)
    expect([visit.elsewhere, visit.errors]).toEqual([[], []])
  })
})

test('without a network, then with a broken line: everything arrives once', { timeout: 90_000 }, async () => {
  // RudderStack's SDK would wait a second before it tries again.
  await using visits = await loadBoth('lost', { queueOptions: { minRetryDelay: 200 } })
  await visits.each((_, visit) => track(visit, 1))
  await visits.each((name, visit) => acknowledged(name, 1, visit))
  await visits.each((_, { page }) => page.context().setOffline(true))
  await visits.each((_, visit) => track(visit, 3))
  await visits.each((name) => expect(proxy.acknowledged(keyOf(name))).toHaveLength(1))
  await visits.each((_, { page }) => page.context().setOffline(false))
  await visits.each((name, visit) => acknowledged(name, 4, visit))
  proxy.mode = 'cut'
  await visits.each(async (_, visit) => {
    const failures = visit.failures.length
    await track(visit, 3)
    await vi.waitFor(() => expect(visit.failures.length).toBeGreaterThan(failures), WAIT)
  })
  proxy.mode = 'pass'
  await visits.each(async (name, visit) => expectHeld(project, name, await acknowledged(name, 7, visit)))
  await visits.each((_, { elsewhere }) => expect(elsewhere).toEqual([]))
})

test('without CORS headers nothing gets through, and with them it does', { timeout: 90_000 }, async () => {
  await using visits = await loadBoth('cors', { queueOptions: { minRetryDelay: 200 } })
  await visits.each((name) => vi.waitFor(() => expect(documentsFor(name)).toContain(200), WAIT))
  proxy.mode = 'without CORS'
  await visits.each((_, visit) => track(visit, 1))
  await visits.each((_, { errors }) =>
    vi.waitFor(() => expect(errors.join()).toContain('blocked by CORS policy'), WAIT),
  )
  await visits.each((name) => expect(posts(name)).toEqual([]))
  proxy.mode = 'pass'
  await visits.each(async (name, visit) => expectHeld(project, name, await acknowledged(name, 1, visit)))
})

test('a disabled source is sent nothing', { timeout: 90_000 }, async () => {
  await using visits = await loadBoth('disabled')
  await visits.each((_, { page }) => page.evaluate(() => void window.sdk.track('Clicked')))
  await visits.each((_, { errors }) => vi.waitFor(() => expect(errors.join()).toContain('disabled'), WAIT))
  await visits.each((name, { elsewhere }) => expect([posts(name), elsewhere]).toEqual([[], []]))
})

/** A visitor of each SDK, for whom the line is troubled alike. */
async function loadBoth(way: string, options: object = {}): Promise<Visits> {
  const visits = await Promise.all(SDKS.map(async (sdk) => [`${sdk}_${way}`, await load(sdk, way, options)] as const))
  return {
    each: async (step) => void (await Promise.all(visits.map(([name, visit]) => step(name, visit)))),
    [Symbol.asyncDispose]: async () => void (await Promise.all(visits.map(([, { page }]) => page.context().close()))),
  }
}

interface Visits extends AsyncDisposable {
  /** Does the same for both at once. */
  each(step: (name: string, visit: Visit) => unknown): Promise<void>
}

/** A visitor whose page has loaded the SDK for the source `<sdk>_<way>`, with only the collector's address changed. */
async function load(sdk: Sdk, way: string, options: object = {}, path = ''): Promise<Visit> {
  const visit = await shop.visit(browser, sdk, proxy.url)
  await visit.page.evaluate(
    ({ sdk, writeKey, url, options }) => {
      if (sdk === 'segment') {
        window.sdk = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: url }, options)
        return
      }
      // The package's types give the name to what its snippet leaves there; the bundle puts its exports there.
      const bundle = window.rudderanalytics as unknown as { RudderAnalytics: typeof RudderAnalytics }
      const rudder = new bundle.RudderAnalytics()
      rudder.load(writeKey, url, { configUrl: url, ...options })
      window.sdk = rudder
    },
    { sdk, writeKey: keyOf(`${sdk}_${way}`), url: proxy.url + path, options },
  )
  return visit
}

/** Resolves when the SDK has the events, sent or not. */
async function track({ page }: Visit, count: number): Promise<void> {
  await page.evaluate(
    async (places) => void (await Promise.all(places.map((place) => window.sdk.track('Clicked', { place })))),
    Array.from({ length: count }, (_, place) => place),
  )
}

/** The events of a source once there are so many. */
async function acknowledged(name: string, count: number, { errors }: Visit): Promise<readonly Sent[]> {
  const arrived = (): readonly Sent[] => proxy.acknowledged(keyOf(name))
  await vi.waitFor(() => expect(arrived().length, errors.join('\n')).toBeGreaterThanOrEqual(count), WAIT)
  return arrived()
}

/** The statuses with which what an SDK asks before it sends was answered. */
function documentsFor(name: string): readonly (number | undefined)[] {
  const asked = proxy.exchanges.filter(({ method, path }) => method === 'GET' && path.includes(keyOf(name)))
  return asked.map(({ status }) => status)
}

function posts(name: string): readonly string[] {
  const sent = proxy.exchanges.filter(
    ({ method, headers }) => method === 'POST' && headers.authorization === basic(name),
  )
  return sent.map(({ path }) => path)
}

function keyOf(name: string): string {
  return `key-of-${name}`
}

function basic(name: string): string {
  return `Basic ${btoa(`${keyOf(name)}:`)}`
}
