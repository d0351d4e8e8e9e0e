import { request } from 'node:http'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { encodeRecord } from '../log/index.ts'
import { AUTHORIZATION, collectorFolder, KEY, testCollector } from './test/collector.ts'

const track = { type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1' }

describe('what is collected', () => {
  test('one event, with what the gateway fills in, before the answer', async () => {
    const collector = await testCollector()
    const response = await collector.post('/v1/track', { ...track, writeKey: 'ignored', properties: { plan: null } })
    expect([response.status, await response.text()]).toEqual([200, '{"success":true}'])
    expect(await collector.records()).toEqual([
      {
        kind: 'event',
        source: 'web',
        receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        requestIp: '127.0.0.1',
        event: {
          ...track,
          properties: { plan: null },
          receivedAt: expect.any(String),
          request_ip: '127.0.0.1',
          rudderId: expect.any(String),
        },
      },
    ])
  })

  test.each(['identify', 'track', 'page', 'screen', 'group', 'alias', 'merge'])(
    '/v1/%s gives the type',
    async (type) => {
      const collector = await testCollector()
      const event = { userId: 'u1', type: 'other' }
      // Segment's browser SDK knows no merge, and sends its own metrics to /v1/m.
      const paths = [`/v1/${type}`, `/v1/${type}/`, ...(type === 'merge' ? [] : [`/v1/${type.charAt(0)}`])]
      const statuses = await Promise.all(paths.map(async (path) => (await collector.post(path, event)).status))
      expect(statuses).toEqual(paths.map(() => 200))
      const types = (await collector.records()).map((record) => record.kind === 'event' && record.event.type)
      expect(types).toEqual(paths.map(() => type))
    },
  )

  test.each(['/v1/batch', '/v1/b', '/v1/import', '/v1/batch/'])('%s takes many, in order', async (path) => {
    const collector = await testCollector()
    const batch = [track, { ...track, type: 'page' }, { ...track, type: 'identify' }]
    expect((await collector.post(path, { batch })).status).toBe(200)
    const types = (await collector.records()).map((record) => record.kind === 'event' && record.event.type)
    expect(types).toEqual(['track', 'page', 'identify'])
  })

  test('what a batch says for all goes into each event that does not say it itself', async () => {
    const collector = await testCollector()
    const own = { sentAt: '2026-01-01T00:00:00Z', timestamp: '2026-01-01T00:00:00Z', context: { ip: '203.0.113.9' } }
    const shared = { sentAt: '2026-02-02T00:00:00Z', timestamp: '2026-02-02T00:00:00Z' }
    const context = { ip: '192.0.2.1', locale: 'de' }
    const integrations = { All: false }
    const late = { ...track, originalTimestamp: '2025-01-01T00:00:00Z', sentAt: null }
    await collector.post('/v1/batch', { batch: [track, { ...track, ...own }, late], ...shared, context, integrations })
    const events = (await collector.records()).map((record) => record.kind === 'event' && record.event)
    expect(events).toMatchObject([
      { ...shared, context, integrations },
      { ...own, context: { ip: '203.0.113.9', locale: 'de' }, integrations },
      { sentAt: shared.sentAt, context },
    ])
    expect(events[2]).not.toHaveProperty('timestamp')
  })

  test('a bad event of a batch is kept as rejected with its place and does not hold back the good', async () => {
    const collector = await testCollector()
    const batch = [track, { type: 'track', event: 'Nobody' }, 'text', track]
    const response = await collector.post('/v1/batch', { batch })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      success: true,
      refusedCount: 2,
      refused: [
        { index: 1, reason: 'request neither has anonymousId nor userId' },
        { index: 2, reason: 'event is not a JSON object' },
      ],
    })
    expect(await collector.records()).toMatchObject([
      { kind: 'event' },
      {
        kind: 'rejected',
        source: 'web',
        reason: 'batch[1]: request neither has anonymousId nor userId',
        body: '{"type":"track","event":"Nobody"}',
      },
      { kind: 'rejected', reason: 'batch[2]: event is not a JSON object', body: '"text"' },
      { kind: 'event' },
    ])
  })

  test('a single bad event is kept as rejected', async () => {
    const collector = await testCollector()
    expect(await (await collector.post('/v1/track', { event: 'Nobody' })).json()).toMatchObject({ success: true })
    expect(await collector.records()).toMatchObject([{ kind: 'rejected', body: '{"event":"Nobody"}' }])
  })

  test('an event that no JSON writer could write is kept as rejected', async () => {
    const collector = await testCollector()
    const deep = `{"userId":"u","properties":{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`
    expect((await collector.post('/v1/track', deep)).status).toBe(200)
    expect(await collector.records()).toMatchObject([
      { kind: 'rejected', reason: 'event nests deeper than 200 levels', body: deep },
    ])
  })
})

describe('how it may be sent', () => {
  const basic = { authorization: AUTHORIZATION }

  test.each([
    ['Basic', '/v1/track', track, basic],
    ['Basic without a colon', '/v1/track', track, { authorization: `basic ${btoa(KEY)}` }],
    ['in the body', '/v1/track', { ...track, writeKey: KEY }, {}],
    ['in the query', `/v1/track?writeKey=${KEY}`, track, {}],
    ['beacon', `/beacon/v1/batch?writeKey=${KEY}`, { batch: [track] }, { 'content-type': 'text/plain' }],
    ['deflate', '/v1/track', deflateSync(JSON.stringify(track)), { ...basic, 'content-encoding': 'deflate' }],
    ['raw deflate', '/v1/track', deflateRawSync(JSON.stringify(track)), { ...basic, 'content-encoding': 'Deflate' }],
    ['gzip', '/v1/track', gzipSync(JSON.stringify(track)), { ...basic, 'content-encoding': 'gzip' }],
    ['a byte order mark', '/v1/track', `\ufeff${JSON.stringify(track)}`, basic],
    ['any content type', '/v1/track', track, { ...basic, 'content-type': 'application/x-nonsense' }],
  ])('%s', async (_, path, body, headers) => {
    const collector = await testCollector()
    const response = await collector.post(path, body, headers)
    expect(await response.text()).toBe('{"success":true}')
    const [record] = await collector.records()
    expect(record).toMatchObject({ kind: 'event', source: 'web', event: track })
    expect(record).not.toHaveProperty('event.writeKey')
  })

  test('the address is the last that no trusted proxy has', async () => {
    const collector = await testCollector()
    const forwarded = {
      '203.0.113.7, 10.0.0.1': '203.0.113.7',
      '198.51.100.1, 203.0.113.7, 10.0.0.1': '203.0.113.7',
      '203.0.113.7': '203.0.113.7',
      '203.0.113.7:443': '203.0.113.7',
      '[2001:db8::1]:443': '2001:db8::1',
      '10.0.0.2, 10.0.0.1': '10.0.0.2',
      unknown: '127.0.0.1',
      'unknown, 10.0.0.1': '10.0.0.1',
      '': '127.0.0.1',
    }
    for (const address of Object.keys(forwarded)) {
      await collector.post('/v1/track', track, { ...basic, 'x-forwarded-for': address })
    }
    const found = (await collector.records()).map(({ requestIp }) => requestIp)
    expect(found).toEqual(Object.values(forwarded))
  })

  test('nobody is believed where no proxy is trusted', async () => {
    const collector = await testCollector(await collectorFolder({ trustedProxies: [] }))
    await collector.post('/v1/track', track, { ...basic, 'x-forwarded-for': '203.0.113.7' })
    expect(await collector.records()).toMatchObject([{ requestIp: '127.0.0.1' }])
  })

  test('a body of undeclared length', async () => {
    const collector = await testCollector()
    const body = new ReadableStream({
      start(stream) {
        for (const byte of Buffer.from(JSON.stringify(track))) stream.enqueue(Uint8Array.of(byte))
        stream.close()
      },
    })
    const init = { method: 'POST', headers: basic, body, duplex: 'half' }
    expect((await fetch(`${collector.url}/v1/track`, init)).status).toBe(200)
  })

  test('from a page of any origin', async () => {
    const collector = await testCollector()
    const origin = 'https://shop.example'
    const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'anonymousid' }
    const preflight = await fetch(`${collector.url}/v1/batch`, { method: 'OPTIONS', headers: asked })
    expect(preflight.status).toBe(204)
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'anonymousid',
      'access-control-allow-credentials': 'true',
    })
    const refusal = await collector.post('/v1/track', track, { origin })
    expect(refusal.headers.get('access-control-allow-origin')).toBe(origin)
  })
})

describe('what is refused', () => {
  const limit = 10_000
  const small = () => collectorFolder({ limits: { maxRequestBytes: limit } })
  const spaces = ' '.repeat(limit + 1)

  test.each([
    ['no key', '/v1/track', track, {}, 401, 'write_key_missing', 'failed to read writekey'],
    ['an empty key', '/v1/track', track, { authorization: `Basic ${btoa(':')}` }, 401, 'write_key_missing', 'writekey'],
    ['another scheme', '/v1/track', track, { authorization: 'Bearer x' }, 401, 'write_key_missing', 'writekey'],
    [
      'an unknown key',
      '/v1/track?writeKey=nope',
      track,
      {},
      401,
      'write_key_unknown',
      'invalid write key: no source has "nope"',
    ],
    [
      'an unknown key in the body',
      '/v1/track',
      { writeKey: 'nope' },
      {},
      401,
      'write_key_unknown',
      'invalid write key',
    ],
    ['a key that is no text', '/v1/track', { writeKey: 7 }, {}, 401, 'write_key_missing', 'writekey'],
    [
      'bad JSON without a key',
      '/v1/track',
      '{',
      {},
      400,
      'request_malformed',
      'invalid json: it ends too early at position 1',
    ],
  ])('%s: no record, for anyone could fill the log', async (_, path, body, headers, status, code, message) => {
    const collector = await testCollector()
    const response = await collector.post(path, body, headers)
    expect(response.status).toBe(status)
    const answer = await response.json()
    expect(answer).toMatchObject({ success: false, code, message: expect.stringContaining(message) })
    expect(answer).toMatchObject({ hint: expect.stringMatching(/\w/) })
    expect(await collector.records()).toEqual([])
  })

  test.each([
    ['bad JSON', '/v1/track', '{"a":1,}', {}, 400, 'invalid json: unexpected "}" at position 7 (line 1, column 8)'],
    ['no JSON', '/v1/track', 'Hello', {}, 400, 'invalid json: unexpected "H" at position 0 (line 1, column 1)'],
    ['nothing', '/v1/track', '', {}, 400, 'invalid json: it ends too early at position 0 (line 1, column 1)'],
    ['a list', '/v1/track', [track], {}, 400, 'event is not a JSON object'],
    ['a batch without a list', '/v1/batch', track, {}, 400, 'the body has no list "batch"'],
    ['an empty batch', '/v1/batch', { batch: [] }, {}, 400, 'empty batch payload'],
    ['what is not gzip', '/v1/track', track, { 'content-encoding': 'gzip' }, 400, 'the body is not gzip'],
    [
      'another packing',
      '/v1/track',
      track,
      { 'content-encoding': 'br' },
      400,
      'Content-Encoding "br" is not read here',
    ],
    ['too much', '/v1/track', spaces, {}, 413, 'request size exceeds max limit of 10000 bytes'],
    [
      'too much, packed',
      '/v1/track',
      gzipSync(spaces),
      { 'content-encoding': 'gzip' },
      413,
      'request size exceeds max limit',
    ],
    [
      'what swells when it is merged',
      '/v1/batch',
      { batch: Array.from({ length: 500 }, () => ({})), context: { text: 'x'.repeat(5000) } },
      {},
      413,
      'request size exceeds max limit once its batch members are merged',
    ],
  ])('%s: a rejected record', async (_, path, body, headers, status, message) => {
    const collector = await testCollector(await small())
    const response = await collector.post(path, body, { authorization: AUTHORIZATION, ...headers })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ success: false, message: expect.stringContaining(message) })
    const expected = { kind: 'rejected', source: 'web', reason: expect.stringContaining(message) }
    expect(await collector.records()).toMatchObject([expected])
  })

  test('too much of undeclared length is given up at the limit', async () => {
    const collector = await testCollector(await small())
    const outgoing = request(`${collector.url}/v1/track`, { method: 'POST', headers: { authorization: AUTHORIZATION } })
    outgoing.on('error', () => undefined)
    const status = new Promise((resolve) => outgoing.on('response', (response) => resolve(response.statusCode)))
    outgoing.write(spaces)
    expect(await status).toBe(413)
    outgoing.destroy()
  })

  test('a client that leaves in the middle of a body disturbs nobody', async () => {
    const collector = await testCollector()
    const headers = { authorization: AUTHORIZATION, 'content-length': '1000' }
    const outgoing = request(`${collector.url}/v1/track`, { method: 'POST', headers })
    outgoing.on('error', () => undefined)
    await new Promise((resolve) => outgoing.write('{"half":', resolve))
    outgoing.destroy()
    expect((await collector.post('/v1/track', track)).status).toBe(200)
  })

  test.each([
    ['GET', '/v1/track'],
    ['POST', '/v1/unknown'],
    ['PUT', '/v1/batch'],
  ])('%s %s', async (method, path) => {
    const collector = await testCollector()
    const response = await fetch(collector.url + path, { method })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ message: `${method} ${path} collects nothing` })
  })

  test('when the log is full: 503, and when to come again', async () => {
    const folder = await collectorFolder()
    const record = encodeRecord({
      kind: 'event',
      source: 'web',
      receivedAt: '',
      requestIp: '',
      event: { ...track, type: 'track', receivedAt: '', request_ip: '' },
    })
    const collector = await testCollector({ ...folder, maxDiskBytes: record.length })
    const response = await collector.post('/v1/track', track)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await response.json()).toMatchObject({ code: 'log_full' })
    expect(await collector.records()).toEqual([])
  })
})
