import pino from 'pino'
import { describe, expect, test } from 'vitest'
import { type Effects, systemEffects } from '../core/effects.ts'
import { type Connector, loadConnectors } from './connector.ts'
import { privateAddress } from './private-address.ts'
import { redactor } from './redact.ts'
import { backoffMs, retryAfterMs } from './retry-delay.ts'
import { ScriptedServer } from './scripted-server.ts'
import { VendorClient } from './vendor-client.ts'

const mailchimp = (await loadConnectors()).get('mailchimp') as Connector
const NOW = new Date('2026-09-01T00:00:00Z')

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.31.0.1', true],
  ['192.168.1.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['[::1]', true],
  ['[fd00::1]', true],
  ['[fe80::1]', true],
  ['[::ffff:127.0.0.1]', true],
  ['localhost', true],
  ['157.240.1.1', false],
  ['[2a03:2880::1]', false],
])('%s is private: %s', async (host, expected) => {
  expect((await privateAddress(host)) !== undefined).toBe(expected)
})

test('redacts secrets in every form they travel in', () => {
  const redact = redactor(['top secret/1', 'abc'])
  const forms = ['top secret/1', encodeURIComponent('top secret/1'), Buffer.from('top secret/1').toString('base64')]
  expect(redact(`a ${forms.join(' b ')} c abc`)).toBe('a ••• b ••• b ••• c abc')
})

test('waits longer each time, never beyond half a minute', () => {
  expect([1, 2, 3, 9].map((attempt) => backoffMs(attempt, 0))).toEqual([500, 1000, 2000, 15_000])
  expect([1, 2, 3, 9].map((attempt) => backoffMs(attempt, 1))).toEqual([1000, 2000, 4000, 30_000])
})

test.each([
  ['7', 7000],
  ['0', 0],
  ['Tue, 01 Sep 2026 00:00:30 GMT', 30_000],
  ['Mon, 31 Aug 2026 00:00:30 GMT', 0],
  ['soon', undefined],
])('Retry-After: %s', (value, expected) => {
  expect(retryAfterMs({ status: 429, headers: { 'retry-after': value }, body: undefined, text: '' }, NOW)).toBe(
    expected,
  )
})

describe('VendorClient', () => {
  function client(baseUrl: string, connector: Connector, slept: number[]) {
    const effects: Effects = {
      ...systemEffects,
      now: () => NOW,
      random: () => 0.5,
      sleep: async (ms) => void slept.push(ms),
    }
    const settings = { api_key: 'k-us1', list_id: 'a' }
    return new VendorClient({
      connector,
      settings,
      baseUrl,
      allowPrivate: true,
      effects,
      logger: pino({ level: 'silent' }),
    })
  }

  const get = { method: 'GET', path: '/ping', query: {} }

  test('waits as long as the vendor asks', async () => {
    await using server = new ScriptedServer([
      { status: 429, headers: { 'retry-after': '7' }, lost: false },
      { status: 200, headers: {}, body: { ok: true }, lost: false },
    ])
    const slept: number[] = []
    const answer = await client(await server.listen(), mailchimp, slept).send(get)
    expect(answer).toMatchObject({ ok: true, response: { body: { ok: true } } })
    expect(slept).toContain(7000)
  })

  test('follows no redirect', async () => {
    await using server = new ScriptedServer([
      { status: 302, headers: { location: 'http://169.254.169.254/' }, lost: false },
    ])
    const answer = await client(await server.listen(), mailchimp, []).send(get)
    expect(answer).toMatchObject({ ok: false, refusal: { outcome: 'failed', code: 'http_302' } })
    expect(server.received).toHaveLength(1)
  })

  test('reads no answer without end', async () => {
    await using server = new ScriptedServer(
      Array.from({ length: 5 }, () => ({ status: 200, headers: {}, text: 'x'.repeat(17 * 1024 * 1024), lost: false })),
    )
    const answer = await client(await server.listen(), mailchimp, []).send(get)
    expect(answer).toMatchObject({
      ok: false,
      refusal: { outcome: 'in_doubt', message: expect.stringContaining('larger than') },
    })
  })

  test('sends a secret as a query parameter where the vendor wants it so, and shows it nowhere', async () => {
    await using server = new ScriptedServer([{ status: 400, headers: {}, text: 'no such key: k-us1', lost: false }])
    const manifest = { ...mailchimp.manifest, auth: { kind: 'query', name: 'key', token: 'api_key' } as const }
    const answer = await client(await server.listen(), { ...mailchimp, manifest }, []).send(get)
    expect(server.received[0]).toMatchObject({ path: '/3.0/ping?key=k-us1' })
    expect(server.received[0]?.headers.authorization).toBeUndefined()
    expect(answer).toMatchObject({ refusal: { message: 'Mailchimp says: no such key: •••.' } })
  })
})
