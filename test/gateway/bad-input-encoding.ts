import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { type BadInput, bad, bytes, type Expected, kept, keptOr, placesIn, refused } from './bad-input.ts'
import { chunkedBytes, GOOD_EVENT, inChunks } from './http-request.ts'

const GZIPPED = gzipSync(GOOD_EVENT)
const LIMIT = 4 * 1024 * 1024
const EMPTY_MEMBER = gzipSync('')

function coded(name: string, coding: string, body: Buffer | (() => Buffer), answer = refused(400, 415)): BadInput {
  return bad(`encoding: ${name}`, { headers: [`Content-Encoding: ${coding}`], body }, answer)
}

function gzip(name: string, body: Buffer | (() => Buffer), answer?: Expected): BadInput {
  return coded(`gzip ${name}`, 'gzip', body, answer)
}

const truncated = placesIn(GZIPPED.length - 1, 30).map((at) => gzip(`cut at byte ${at}`, GZIPPED.subarray(0, at)))

/** Bytes of the header that mean nothing here: time, extra flags, system. */
const MEANINGLESS = [4, 5, 6, 7, 8, 9]

const corrupted = [...GZIPPED.keys()].map((at) => {
  const answer = MEANINGLESS.includes(at) ? kept(1) : refused(400, 413, 415)
  return gzip(`with byte ${at} inverted`, inverted(GZIPPED, at), answer)
})

function inverted(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = ~(copy[at] ?? 0) & 0xff
  return copy
}

const header = GZIPPED.subarray(0, 10)

/** What stands behind a good header. */
function deflated(name: string, hex: string): BadInput {
  return gzip(name, Buffer.concat([header, Buffer.from(hex, 'hex'), GZIPPED.subarray(-8)]))
}

const members: readonly BadInput[] = [
  gzip('of nothing', Buffer.alloc(0)),
  gzip('of an empty body', gzipSync('')),
  gzip('that is none', Buffer.from(GOOD_EVENT)),
  gzip('that is random', Buffer.from(Array.from({ length: 500 }, (_, n) => (n * 7919 + 13) & 0xff))),
  gzip(
    'in two members',
    Buffer.concat([gzipSync(GOOD_EVENT.slice(0, 9)), gzipSync(GOOD_EVENT.slice(9))]),
    keptOr(1, 400),
  ),
  gzip('with a cut second member', Buffer.concat([gzipSync(GOOD_EVENT.slice(0, 9)), gzipSync('abc').subarray(0, 12)])),
  gzip('before more text', Buffer.concat([GZIPPED, Buffer.from('more')]), keptOr(1, 400)),
  gzip('before zeros', Buffer.concat([GZIPPED, Buffer.alloc(512)]), keptOr(1, 400)),
  gzip('before an empty member', Buffer.concat([GZIPPED, gzipSync('')]), keptOr(1, 400)),
  gzip('before another event', Buffer.concat([GZIPPED, GZIPPED]), refused(400)),
  gzip('of 100,000 empty members', () => Buffer.concat(Array.from({ length: 100_000 }, () => EMPTY_MEMBER))),
  gzip('of gzip', gzipSync(GZIPPED)),
  gzip('of gzip of gzip', gzipSync(gzipSync(GZIPPED))),
  gzip('of no UTF-8', gzipSync(Buffer.from([0xff, 0xfe, 0x00]))),
  deflated('with a block of a reserved kind', '07'),
  deflated('with a stored block whose length is wrong', '010500ffff68656c6c6f'),
  deflated('with a distance before the start', '4b040200'),
  deflated('with an impossible code tree', '05e0ffffffffffffffff'),
  deflated('of an endless empty block', '00'.repeat(50)),
]

const codings: readonly BadInput[] = [
  coded('deflate', 'deflate', deflateSync(GOOD_EVENT), keptOr(1, 400, 415)),
  coded('deflate, raw', 'deflate', deflateRawSync(GOOD_EVENT), keptOr(1, 400, 415)),
  ...placesIn(deflateSync(GOOD_EVENT).length - 1, 8).map((at) =>
    coded(`deflate, cut at byte ${at}`, 'deflate', deflateSync(GOOD_EVENT).subarray(0, at)),
  ),
  coded('br', 'br', brotliCompressSync(GOOD_EVENT), keptOr(1, 400, 415)),
  coded('zstd', 'zstd', zstdCompressSync(GOOD_EVENT), keptOr(1, 400, 415)),
  coded('compress', 'compress', GZIPPED),
  coded('unknown', 'rot13', GZIPPED),
  coded('a star', '*', GZIPPED),
  coded('a list', 'gzip, br', GZIPPED),
  coded('gzip twice', 'gzip, gzip', gzipSync(GZIPPED), keptOr(1, 400, 415)),
  coded('gzip with a weight', 'gzip;q=1.0', GZIPPED),
  coded('bytes above 127', '\u00ff', GZIPPED),
  coded('5,000 characters', 'gzip,'.repeat(1000), GZIPPED),
  coded('__proto__', '__proto__', GZIPPED),
  coded('in two headers', 'gzip\r\nContent-Encoding: br', GZIPPED),
  coded('gzip that is deflate', 'gzip', deflateSync(GOOD_EVENT)),
  coded('gzip that is brotli', 'gzip', brotliCompressSync(GOOD_EVENT)),
  coded('none that is gzip', '', GZIPPED),
  coded('identity that is gzip', 'identity', GZIPPED),
  coded('GZIP', 'GZIP', GZIPPED, kept(1)),
  coded('spaces around gzip', '  gzip  ', GZIPPED, kept(1)),
  coded('x-gzip', 'x-gzip', GZIPPED, kept(1)),
  coded('identity', 'identity', Buffer.from(GOOD_EVENT), kept(1)),
  coded('empty', '', Buffer.from(GOOD_EVENT), kept(1)),
]

const withChunks = (body: Buffer) => (key: string) => chunkedBytes(key, body, { headers: ['Content-Encoding: gzip'] })

const together: readonly BadInput[] = [
  bytes('encoding: gzip in chunks', withChunks(inChunks(GZIPPED, 7)), [kept(1)]),
  bytes('encoding: cut gzip in chunks', withChunks(inChunks(GZIPPED.subarray(0, -9), 7)), [refused(400)]),
  bytes('encoding: gzip in cut chunks', withChunks(inChunks(GZIPPED, 7).subarray(0, -9)), [refused(400)], 'end'),
  gzip('of exactly the limit', () => gzipSync(GOOD_EVENT.padEnd(LIMIT)), kept(1)),
  gzip('of a byte over the limit', () => gzipSync(GOOD_EVENT.padEnd(LIMIT + 1)), refused(413)),
]

export const encoding: readonly BadInput[] = [...truncated, ...corrupted, ...members, ...codings, ...together]
