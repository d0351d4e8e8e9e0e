import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { chunkedBytes, GOOD_EVENT, inChunks, requestBytes } from './http-request.ts'

const BATCH = `{"batch":[${GOOD_EVENT},${GOOD_EVENT}],"sentAt":"2026-01-02T03:04:05Z","context":{"locale":"de"}}`

/** Events in the largest of the good requests. */
const MOST_EVENTS = 2

/** Requests that are accepted, one of each way to send them. */
function goodRequests(key: string): readonly Buffer[] {
  const unnamed = { without: ['authorization'] } as const
  return [
    requestBytes(key),
    requestBytes(key, { body: gzipSync(GOOD_EVENT), headers: ['Content-Encoding: gzip'] }),
    requestBytes(key, { target: '/v1/batch', body: BATCH }),
    requestBytes(key, { ...unnamed, body: GOOD_EVENT.replace('{', `{"writeKey":"${key}",`) }),
    requestBytes(key, { ...unnamed, target: `/beacon/v1/batch?writeKey=${key}`, body: BATCH }),
    requestBytes(key, { ...unnamed, target: `/pixel/v1/track?writeKey=${key}&userId=u&event=e`, method: 'GET' }),
    chunkedBytes(key, inChunks(GOOD_EVENT, 20)),
    Buffer.concat([requestBytes(key, { without: ['connection'] }), requestBytes(key)]),
  ]
}

/** One request with damage anywhere in its bytes, and the most events that it could store. */
export function damagedRequest(key: string): fc.Arbitrary<{ bytes: Buffer; mostEvents: number }> {
  const good = goodRequests(key)
  const damages = fc.array(damage(good), { minLength: 1, maxLength: 4 })
  return fc.tuple(fc.constantFrom(...good), damages).map(([request, all]) => ({
    bytes: all.reduce((bytes, apply) => apply(bytes), request),
    // Each damage may put in as much as a whole request.
    mostEvents: MOST_EVENTS * (1 + all.length),
  }))
}

type Damage = (bytes: Buffer) => Buffer

function damage(good: readonly Buffer[]): fc.Arbitrary<Damage> {
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  const length = fc.integer({ min: 1, max: 40 })
  return fc.oneof(
    fc.tuple(place, fc.nat({ max: 7 })).map(([at, bit]) => flipped(at, bit)),
    place.map(
      (at): Damage =>
        (bytes) =>
          bytes.subarray(0, at * bytes.length),
    ),
    fc.tuple(place, length).map(([at, count]) => replaced(at, count, Buffer.alloc(0))),
    fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, bytes]) => replaced(at, 0, bytes)),
    fc
      .tuple(place, fc.constantFrom('\r\n', '\r', '\n', '\0', '\r\n\r\n', '"', '{', '}', ':', ' '))
      .map(([at, text]) => replaced(at, 0, Buffer.from(text))),
    fc
      .tuple(place, fc.constantFrom(...good), place, length)
      .map(([at, other, from, count]) => replaced(at, count, other.subarray(from * other.length))),
  )
}

function flipped(at: number, bit: number): Damage {
  return (bytes) => {
    const copy = Buffer.from(bytes)
    const index = Math.floor(at * copy.length)
    copy[index] = (copy[index] ?? 0) ^ (1 << bit)
    return copy
  }
}

function replaced(at: number, count: number, by: Uint8Array): Damage {
  return (bytes) => {
    const start = Math.floor(at * bytes.length)
    return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(start + count)])
  }
}
