import { expect, test } from 'vitest'
import { segmentSettings } from './segment-settings.ts'

const source = { name: 'web', writeKey: 'web-key', enabled: true, onInvalid: 'quarantine', paths: {} } as const

test('it names the collector as the host of events and asks for no figures', () => {
  expect(segmentSettings(source, 'https://events.example.com')).toEqual({
    integrations: {
      'Segment.io': {
        apiKey: 'web-key',
        apiHost: 'events.example.com/v1',
        protocol: 'https',
        addBundledMetadata: false,
      },
    },
    metrics: { sampleRate: 0, host: 'events.example.com/v1' },
  })
})

test.each([
  ['http://127.0.0.1:8080', 'http', '127.0.0.1:8080/v1'],
  ['http://[::1]:8080', 'http', '[::1]:8080/v1'],
])('%s', (baseUrl, protocol, apiHost) => {
  expect(segmentSettings(source, baseUrl).integrations['Segment.io']).toMatchObject({ protocol, apiHost })
})

test.each([
  [{ '/kite': '/' }, 'shop.example/kite/v1'],
  [{ '/kite': '/v1' }, 'shop.example/kite'],
  [{ '/k.json': '/v1/track' }, 'shop.example/v1'],
])('a source with the paths %j is asked at %s', (paths, apiHost) => {
  const settings = segmentSettings({ ...source, paths }, 'https://shop.example')
  expect(settings.integrations['Segment.io']).toMatchObject({ apiHost })
})
