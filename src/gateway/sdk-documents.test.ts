import { describe, expect, test } from 'vitest'
import { AUTHORIZATION, collectorFolder, KEY, testCollector } from './test/collector.ts'

const disabled = { name: 'old', writeKey: 'old-key', enabled: false }

/** A collector with a source `web` and a disabled source. */
async function served(more: { publicUrl?: string; trustedProxies?: string[] } = {}) {
  return testCollector(await collectorFolder({ sources: [{ name: 'web', writeKey: KEY }, disabled], ...more }))
}

async function json(response: Response): Promise<unknown> {
  return response.json()
}

describe('/sourceConfig', () => {
  test.each([
    ['Basic', '/sourceConfig', { authorization: AUTHORIZATION }],
    ['a trailing slash', '/sourceConfig/?p=npm&v=3.34.1&build=modern', { authorization: AUTHORIZATION }],
    ['the query', `/sourceConfig?p=android&v=1.0.0&writeKey=${KEY}`, {}],
  ])('with %s', async (_, path, headers: Record<string, string>) => {
    const response = await fetch((await served()).url + path, { headers })
    expect(response.status).toBe(200)
    expect(await json(response)).toMatchObject({
      source: { id: 'web', writeKey: KEY, enabled: true, destinations: [] },
    })
  })

  test('a page may read it, and ask as it likes', async () => {
    const { url } = await served()
    const origin = 'https://shop.example'
    const preflight = await fetch(`${url}/sourceConfig/`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    })
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')
    for (const authorization of [AUTHORIZATION, 'Basic d3Jvbmc6']) {
      const response = await fetch(`${url}/sourceConfig/`, { headers: { origin, authorization } })
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
      expect(response.headers.get('access-control-allow-credentials')).toBe('true')
    }
  })

  test('a disabled source is told to its SDKs', async () => {
    const response = await fetch(`${(await served()).url}/sourceConfig?writeKey=old-key`)
    expect(await json(response)).toMatchObject({ source: { enabled: false } })
  })

  test.each([
    ['no key', '/sourceConfig', 'write_key_missing'],
    ['a wrong key', '/sourceConfig?writeKey=wrong', 'write_key_unknown'],
  ])('%s is refused', async (_, path, code) => {
    const response = await fetch((await served()).url + path)
    expect([response.status, await json(response)]).toMatchObject([401, { success: false, code }])
  })
})

describe("Segment's settings", () => {
  const apiHost = async (url: string, headers: Record<string, string> = {}): Promise<unknown> => {
    const settings = await json(await fetch(`${url}/v1/projects/${KEY}/settings`, { headers }))
    return (settings as { integrations: Record<string, unknown> }).integrations['Segment.io'] // as the SDK takes it
  }

  test('name the host that was asked', async () => {
    const { url, port } = await served()
    expect(await apiHost(url)).toMatchObject({ apiKey: KEY, apiHost: `127.0.0.1:${port}/v1`, protocol: 'http' })
    expect(await apiHost(`http://localhost:${port}`)).toMatchObject({ apiHost: `localhost:${port}/v1` })
  })

  test('believe a trusted proxy about TLS, and no other', async () => {
    const headers = { 'x-forwarded-proto': 'https' }
    expect(await apiHost((await served()).url, headers)).toMatchObject({ protocol: 'https' })
    expect(await apiHost((await served({ trustedProxies: [] })).url, headers)).toMatchObject({ protocol: 'http' })
  })

  test('name the public URL where there is one', async () => {
    const { url } = await served({ publicUrl: 'https://events.example.com' })
    expect(await apiHost(url)).toMatchObject({ apiHost: 'events.example.com/v1', protocol: 'https' })
  })

  test.each([
    ['wrong', 401, 'write_key_unknown'],
    ['old-key', 404, 'source_disabled'],
  ])('%s has none: the SDK sends nothing anywhere', async (key, status, code) => {
    const headers = { origin: 'https://shop.example' }
    const response = await fetch(`${(await served()).url}/v1/projects/${key}/settings`, { headers })
    expect([response.status, await json(response)]).toMatchObject([status, { success: false, code }])
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
  })
})

test("an SDK's figures about itself are taken and left", async () => {
  const collector = await served()
  const response = await collector.post(
    '/v1/m',
    { series: [{ type: 'Counter', metric: 'analytics_js.x', value: 1 }] },
    {},
  )
  expect([response.status, await json(response)]).toEqual([200, { success: true }])
  expect(await collector.records()).toEqual([])
})
