import { createHmac } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { MusterError } from '../../core/errors.ts'
import { acceptEvent } from '../../event/index.ts'
import type { RuntimeSignature, RuntimeSource } from '../runtime-config.ts'
import { receiveWebhook, WebhookMaps, type WebhookRequest } from './index.ts'

const MAP = '{ "type": "track", "event": "Lead", "userId": id, "properties": { "headers": $headers, "query": $query } }'
const signature: RuntimeSignature = {
  scheme: 'hmac',
  header: 'X-Signature',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: '',
  secrets: ['key'],
}

let maps: WebhookMaps

beforeAll(() => {
  maps = new WebhookMaps()
})

afterAll(() => maps[Symbol.asyncDispose]())

function source(webhook: RuntimeSource['webhook'], name = 'crm'): RuntimeSource {
  return { name, writeKey: 'k', enabled: true, onInvalid: 'quarantine', paths: {}, webhook }
}

const crm = (text = MAP) => source({ map: { file: 'maps/crm.jsonata', text } })
const signed = (text = MAP) => source({ map: { file: 'maps/crm.jsonata', text }, signature })

interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

function request({ method = 'POST', url = '/v1/webhook?writeKey=k', headers = {}, body = '' }: Sent): WebhookRequest {
  const query = new URL(url, 'http://localhost').searchParams
  const receivedAt = new Date('2026-01-02T03:04:05.678Z')
  return { method, headers: new Headers(headers), query, body: new TextEncoder().encode(body), receivedAt }
}

const sign = (body: string) => createHmac('sha256', 'key').update(body).digest('hex')

describe('what the map sees', () => {
  test('the body, headers but those that prove, the query but the key', async () => {
    const headers = { 'X-Topic': 'lead', Authorization: 'Basic azo=', Cookie: 'a=1', 'Proxy-Authorization': 'Basic b' }
    const url = '/v1/webhook?writeKey=k&shop=a&tag=1&tag=2'
    const [event] = await receiveWebhook(crm(), request({ url, headers, body: '{"id":"u1"}' }), maps)
    expect(event).toEqual({
      type: 'track',
      event: 'Lead',
      userId: 'u1',
      properties: { headers: { 'x-topic': 'lead' }, query: { shop: 'a', tag: ['1', '2'] } },
    })
  })

  test('a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const [event] = await receiveWebhook(crm(), request({ headers, body: 'id=O%27Brien' }), maps)
    expect(event).toMatchObject({ userId: "O'Brien" })
  })

  test('the query of a GET', async () => {
    const url = '/v1/webhook?writeKey=k&id=u1'
    expect(await receiveWebhook(crm('$'), request({ method: 'GET', url }), maps)).toEqual([{ id: 'u1' }])
  })

  test('nothing of secrets', async () => {
    const body = '{}'
    const text = '[$source, $headers, $query, $]'
    const seen = await receiveWebhook(signed(text), request({ body, headers: { 'x-signature': sign(body) } }), maps)
    expect(seen).toEqual(['crm', { 'x-signature': sign(body) }, {}, {}])
  })
})

describe('what is refused', () => {
  test.each<[string, RuntimeSource, Sent, string, string]>([
    ['a source without webhooks', source(undefined, 'web'), {}, 'webhook_absent', 'the source web does not accept'],
    ['no signature', signed(), { body: '{}' }, 'webhook_signature_invalid', 'the header X-Signature is missing'],
    [
      'a changed body',
      signed(),
      { body: '{"id": "u2"}', headers: { 'x-signature': sign('{"id": "u1"}') } },
      'webhook_signature_invalid',
      'matches no secret',
    ],
    [
      'a GET of a signed source, even with a signature of nothing',
      signed(),
      { method: 'GET', headers: { 'x-signature': sign('') } },
      'webhook_signature_invalid',
      'a GET request has no body to be signed',
    ],
    ['bad JSON', crm(), { body: '{"a":1,}' }, 'request_malformed', 'unexpected "}" at position 7'],
    [
      'bad JSON that is not signed: the signature comes first',
      signed(),
      { body: '{"a":1,}' },
      'webhook_signature_invalid',
      'is missing',
    ],
    ['a map that fails', crm('"x" + id'), { body: '{}' }, 'webhook_map_failed', 'maps/crm.jsonata:1:5: '],
  ])('%s', async (_, from, sent, code, message) => {
    const refusal = { code, message: expect.stringContaining(message) }
    await expect(receiveWebhook(from, request(sent), maps)).rejects.toMatchObject(refusal)
  })
})

test('over HTTP: the events of a body go through acceptance one by one', async () => {
  const app = new Hono()
  app.all('/v1/webhook', async ({ req, json }) => {
    const body = new Uint8Array(await req.arrayBuffer())
    const query = new URL(req.url).searchParams
    const { method, raw } = req
    const receivedAt = new Date()
    const values = await receiveWebhook(signed('rows'), { method, headers: raw.headers, query, body, receivedAt }, maps)
    const context = { receivedAt: receivedAt.toISOString(), requestIp: '', id: () => 'id' }
    return json(values.map((value) => acceptEvent(value, context)))
  })
  app.onError((error, { json }) => json({ code: error instanceof MusterError ? error.code : 'internal' }, 400))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/webhook?writeKey=k`
  // Spaces and escapes as no JSON writer of ours would place them: the signature is over these bytes.
  const body = '{ "rows" : [ {"type":"track","userId":"Zo\\u00eb \\ud83e\\udd8a"}, {"type":"track"}, 7 ] }\n'
  const post = (text: string) => fetch(url, { method: 'POST', headers: { 'x-signature': sign(body) }, body: text })
  expect(await (await post(body)).json()).toEqual([
    { event: expect.objectContaining({ userId: 'Zoë 🦊' }) },
    { reason: 'request neither has anonymousId nor userId', field: 'userId' },
    { reason: 'event is not a JSON object' },
  ])
  expect(await (await post(JSON.stringify(JSON.parse(body)))).json()).toEqual({ code: 'webhook_signature_invalid' })
})
