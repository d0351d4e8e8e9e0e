import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { RuntimeSignature } from '../runtime-config.ts'
import { verifySignature } from './signature.ts'

type Hmac = Extract<RuntimeSignature, { readonly scheme: 'hmac' }>

const hmac: Hmac = {
  scheme: 'hmac',
  header: 'X-Signature',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: '',
  secrets: ['key'],
}

/** What is wrong with a signature; undefined when nothing is. */
function faultOf(signature: RuntimeSignature, body: string | Buffer, value: string | undefined, now = new Date()) {
  const headers = new Headers(value === undefined ? {} : { [signature.header]: value })
  try {
    verifySignature(signature, Buffer.from(body), headers, now)
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ code: 'webhook_signature_invalid', hint: expect.stringMatching(/\w/) })
    return (error as Error).message
  }
}

describe('hmac', () => {
  const github: Hmac = {
    ...hmac,
    header: 'X-Hub-Signature-256',
    prefix: 'sha256=',
    secrets: ["It's a Secret to Everybody"],
  }
  const signed = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'

  // GitHub: its page on validating deliveries. Shopify's form: a vector of sqlpage's tests. Jefe: RFC 2202 and RFC 4231.
  test.each<[string, Hmac, string, string]>([
    ['GitHub', github, 'Hello, World!', signed],
    [
      'Shopify',
      { ...hmac, encoding: 'base64', secrets: ['test-webhook-secret'] },
      '{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}',
      'QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw=',
    ],
    [
      'SHA-1',
      { ...hmac, algorithm: 'sha1', secrets: ['Jefe'] },
      'what do ya want for nothing?',
      'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    ],
    [
      'SHA-512, in capitals',
      { ...hmac, algorithm: 'sha512', secrets: ['Jefe'] },
      'what do ya want for nothing?',
      '164B7A7BFCF819E2E395FBE73B56E0A387BD64222E831FD610270CD7EA2505549758BF75C05A994A6D034F65F8F0E6FDCAEAB1A34D4A6B4B636E070A38BCE737',
    ],
  ])('%s', (_, signature, body, value) => {
    expect(faultOf(signature, body, value)).toBeUndefined()
    expect(faultOf({ ...signature, secrets: ['new', ...signature.secrets, 'old'] }, body, value)).toBeUndefined()
    expect(faultOf({ ...signature, secrets: ['new', 'old'] }, body, value)).toContain('matches no secret')
    expect(faultOf(signature, `${body} `, value)).toContain('matches no secret')
  })

  test('bytes that are no UTF-8 are signed as they are', () => {
    const body = Buffer.from([0xff, 0x00, 0xfe])
    const value = createHmac('sha256', 'key').update(body).digest('hex')
    expect(faultOf(hmac, body, value)).toBeUndefined()
    expect(faultOf(hmac, Buffer.from(body.toString('utf8')), value)).toContain('matches no secret')
  })

  test.each<[string, Hmac, string | undefined, string]>([
    ['no header', github, undefined, 'the header X-Hub-Signature-256 is missing'],
    ['an empty header', github, ' ', 'the header X-Hub-Signature-256 is missing'],
    ['no prefix', github, signed.slice(7), 'does not begin with "sha256="'],
    ['another prefix', github, `sha1=${signed.slice(7)}`, 'does not begin with "sha256="'],
    ['nothing after the prefix', github, 'sha256=', 'holds no hex'],
    ['bad hex', github, `${signed.slice(0, -1)}g`, 'holds no hex'],
    ['half a byte', github, signed.slice(0, -1), 'holds no hex'],
    ['hex that stops early', github, signed.slice(0, -2), 'matches no secret'],
    ['hex that goes on', github, `${signed}00`, 'matches no secret'],
    ['bad base64', { ...hmac, encoding: 'base64' }, 'QNyO*', 'holds no base64'],
    ['an empty hash in base64', { ...hmac, encoding: 'base64' }, '=', 'holds no base64'],
  ])('%s is refused', (_, signature, value, message) => {
    expect(faultOf(signature, 'Hello, World!', value)).toContain(message)
  })
})

describe('timestamped', () => {
  const stripe: RuntimeSignature = { scheme: 'timestamped', header: 'Stripe-Signature', secrets: ['webhook_secret'] }
  const time = 1_533_204_620
  const at = (seconds: number) => new Date((time + seconds) * 1000)
  // The event, its secret and its signature are those of the tests of Stripe's library for .NET.
  const body = `{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "cus_123",
      "object": "customer",
      "created": 123456789,
      "email": "test@stripe.com",
      "livemode": false,
      "metadata": {}
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "customer.created"
}
`
  const v1 = 'v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7'
  const v0 = 'v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef'
  const other = `v1=${'0'.repeat(64)}`

  test.each([
    ['as Stripe sends it', `t=${time},${v1},${v0}`],
    ['with spaces', `t=${time}, ${v1}`],
    ['of two live secrets', `t=${time},${other},${v1}`],
    ['with one unreadable', `t=${time},v1=xyz,v1=,${v1}`],
  ])('%s', (_, value) => {
    for (const seconds of [0, 100, 300, -300]) expect(faultOf(stripe, body, value, at(seconds))).toBeUndefined()
    expect(faultOf({ ...stripe, secrets: ['new', 'webhook_secret'] }, body, value, at(0))).toBeUndefined()
    expect(faultOf({ ...stripe, secrets: ['new'] }, body, value, at(0))).toContain('matches no secret')
    expect(faultOf(stripe, body.replace('cus_123', 'cus_124'), value, at(0))).toContain('matches no secret')
  })

  test('a replay is refused, and a clock that is far ahead', () => {
    expect(faultOf(stripe, body, `t=${time},${v1}`, at(301))).toContain('is stale: 301 s old, where 300 s are allowed')
    expect(faultOf(stripe, body, `t=${time},${v1}`, at(-301))).toContain('is stale: 301 s ahead')
  })

  test('a replay with a new timestamp matches nothing', () => {
    expect(faultOf(stripe, body, `t=${time + 301},${v1}`, at(301))).toContain('matches no secret')
  })

  test.each([
    ['no header', undefined, 'the header Stripe-Signature is missing'],
    ['no timestamp', v1, 'holds no timestamp'],
    ['an empty timestamp', `t=,${v1}`, 'holds no timestamp'],
    ['a timestamp that is no number', `t=soon,${v1}`, 'holds no timestamp'],
    ['no signature', `t=${time}`, 'holds no signature "v1="'],
    ['an empty signature', `t=${time},v1=`, 'holds no signature "v1="'],
    ['the old scheme alone', `t=${time},${v0}`, 'holds no signature "v1="'],
    ['the old scheme called the new', `t=${time},v1=${v0.slice(3)}`, 'matches no secret'],
    ['words', 't,v1,,', 'holds no timestamp'],
  ])('%s is refused', (_, value, message) => {
    expect(faultOf(stripe, body, value, at(0))).toContain(message)
  })
})

test('no message tells a secret', () => {
  const signature: RuntimeSignature = { ...hmac, secrets: ['whsec_hidden'] }
  for (const value of [undefined, 'zz', '00']) expect(faultOf(signature, '{}', value)).not.toContain('hidden')
})
