import { createHmac, timingSafeEqual } from 'node:crypto'
import { MusterError } from '../../core/errors.ts'
import type { RuntimeSignature } from '../runtime-config.ts'

type Hmac = Extract<RuntimeSignature, { readonly scheme: 'hmac' }>
type Timestamped = Extract<RuntimeSignature, { readonly scheme: 'timestamped' }>

/** How far a signed timestamp may be from now: what Stripe's libraries allow. */
const TOLERANCE_S = 300

const HEX = /^(?:[0-9a-f]{2})+$/i
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Verifies a request's signature over its bytes, which must be those that the vendor signed: unpacked, else untouched.
 * @throws MusterError `webhook_signature_invalid`, saying whether the header is missing, unreadable, stale or matches nothing
 */
export function verifySignature(signature: RuntimeSignature, body: Uint8Array, headers: Headers, now: Date): void {
  const value = headers.get(signature.header)?.trim() ?? ''
  if (value === '') throw invalid(`the header ${signature.header} is missing`)
  switch (signature.scheme) {
    case 'hmac':
      return verifyHmac(signature, body, value)
    case 'timestamped':
      return verifyTimestamped(signature, body, value, now)
  }
}

function verifyHmac({ header, algorithm, encoding, prefix, secrets }: Hmac, body: Uint8Array, value: string): void {
  if (!value.startsWith(prefix)) throw invalid(`the header ${header} does not begin with "${prefix}"`)
  const text = value.slice(prefix.length)
  if (!(encoding === 'hex' ? HEX : BASE64).test(text)) throw invalid(`the header ${header} holds no ${encoding}`)
  const given = Buffer.from(text, encoding)
  if (!secrets.some((secret) => isSame(given, createHmac(algorithm, secret).update(body).digest()))) {
    throw noMatch(header)
  }
}

/** Stripe's scheme, https://docs.stripe.com/webhooks#verify-manually: `t=SECONDS,v1=HEX` with as many v1 as live secrets. */
function verifyTimestamped({ header, secrets }: Timestamped, body: Uint8Array, value: string, now: Date): void {
  const parts = value.split(',').map((part) => part.trim())
  const timestamp = valuesOf(parts, 't').find((text) => /^\d{1,12}$/.test(text))
  if (timestamp === undefined) throw invalid(`the header ${header} holds no timestamp "t="`)
  const given = valuesOf(parts, 'v1').filter((text) => HEX.test(text))
  if (given.length === 0) throw invalid(`the header ${header} holds no signature "v1=" in hex`)
  const candidates = given.map((text) => Buffer.from(text, 'hex'))
  const matches = secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest()
    return candidates.some((candidate) => isSame(candidate, expected))
  })
  if (!matches) throw noMatch(header)
  const age = Math.floor(now.getTime() / 1000) - Number(timestamp)
  if (Math.abs(age) > TOLERANCE_S) {
    const off = age > 0 ? `${age} s old` : `${-age} s ahead`
    const hint = "Send it anew: a retry of the vendor is signed anew. If all are refused, set this machine's clock."
    throw invalid(`the timestamp of the header ${header} is stale: ${off}, where ${TOLERANCE_S} s are allowed`, hint)
  }
}

function valuesOf(parts: readonly string[], key: string): readonly string[] {
  return parts.filter((part) => part.startsWith(`${key}=`)).map((part) => part.slice(key.length + 1))
}

/** In constant time; only the length of a hash, which everybody knows, shows. */
function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function noMatch(header: string): MusterError {
  return invalid(`the header ${header} matches no secret: another secret signed it, or the body was changed on its way`)
}

export function invalid(message: string, hint?: string): MusterError {
  return new MusterError('webhook_signature_invalid', message, hint === undefined ? {} : { hint })
}
