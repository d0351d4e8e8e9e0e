import { expect, test } from 'vitest'
import { sourceConfig } from './source-config.ts'

const source = { name: 'web', writeKey: 'web-key', enabled: true, onInvalid: 'quarantine', paths: {} } as const
const now = '2026-01-31T12:00:00.000Z'

test('it has all that an SDK of RudderStack reads', () => {
  expect(sourceConfig(source, now)).toEqual({
    source: {
      id: 'web',
      name: 'web',
      writeKey: 'web-key',
      workspaceId: 'muster',
      enabled: true,
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      destinations: [],
      dataplanes: {},
      updatedAt: now,
    },
    updatedAt: now,
    consentManagementMetadata: {
      providers: [
        { provider: 'oneTrust', resolutionStrategy: 'and' },
        { provider: 'ketch', resolutionStrategy: 'or' },
      ],
    },
  })
})

test('it says of a disabled source that it is', () => {
  expect(sourceConfig({ ...source, enabled: false }, now).source.enabled).toBe(false)
})

test('it tells nothing of how the source is guarded', () => {
  const guarded = { ...source, origins: ['https://shop.example'], rateLimit: { events: 1, withinMs: 1 } }
  expect(sourceConfig({ ...guarded, paths: { '/kite': '/' } }, now)).toEqual(sourceConfig(source, now))
})
