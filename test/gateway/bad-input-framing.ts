import { type BadInput, bad, bytes, kept, keptOr, placesIn, refused } from './bad-input.ts'
import { chunkedBytes, GOOD_EVENT, inChunks, requestBytes } from './http-request.ts'

const LENGTH = GOOD_EVENT.length
const CHUNK = `${LENGTH.toString(16)}\r\n${GOOD_EVENT}\r\n`

/** A request that must never be taken out of the body of another. */
const SMUGGLED = (key: string) => requestBytes(key, { body: '{"userId":"smuggled"}' }).toString('latin1')

function declared(name: string, lines: readonly string[], status = 400): BadInput {
  return bad(`length: ${name}`, { headers: lines, without: ['content-length'] }, refused(status))
}

const lengths: readonly BadInput[] = [
  declared('negative', ['Content-Length: -1']),
  declared('signed', [`Content-Length: +${LENGTH}`]),
  declared('hexadecimal', ['Content-Length: 0x2d']),
  declared('exponent', ['Content-Length: 4e1']),
  declared('fraction', [`Content-Length: ${LENGTH}.0`]),
  declared('empty', ['Content-Length:']),
  declared('words', ['Content-Length: all of it']),
  declared('two in one line', [`Content-Length: ${LENGTH} ${LENGTH}`]),
  declared('a list of two', [`Content-Length: ${LENGTH}, ${LENGTH}`]),
  declared('twice the same', [`Content-Length: ${LENGTH}`, `Content-Length: ${LENGTH}`]),
  declared('twice, disagreeing', [`Content-Length: ${LENGTH}`, 'Content-Length: 3']),
  declared('2^31', ['Content-Length: 2147483648'], 413),
  declared('2^32', ['Content-Length: 4294967296'], 413),
  declared('2^53 + 1', ['Content-Length: 9007199254740993'], 413),
  declared('2^64 - 1', ['Content-Length: 18446744073709551615'], 413),
  declared('2^64, which is 0 in 64 bits', ['Content-Length: 18446744073709551616']),
  declared('2^64 and the true one', [`Content-Length: ${18_446_744_073_709_551_616n + BigInt(LENGTH)}`]),
  declared('forty digits', [`Content-Length: ${'9'.repeat(40)}`]),
  declared('with a NUL', [`Content-Length: ${LENGTH}\0`]),
  declared('in the name of another header', ['Content_Length: 3']),
  declared('none', []),
  declared('zero', ['Content-Length: 0']),
  declared('too small', [`Content-Length: ${LENGTH - 5}`]),
  bad('length: leading zeros', { headers: [`Content-Length: 000${LENGTH}`], without: ['content-length'] }, kept(1)),
  bytes('length: too large', (key) => tooLong(key, 10), [refused(400)], 'end'),
  bytes('length: too large, connection broken', (key) => tooLong(key, 10), [], 'break off'),
  bytes('length: one too large', (key) => tooLong(key, 1), [refused(400)], 'end'),
]

function tooLong(key: string, by: number): Buffer {
  return requestBytes(key, { headers: [`Content-Length: ${LENGTH + by}`], without: ['content-length'] })
}

function coded(name: string, lines: readonly string[], answer = refused(400, 501)): BadInput {
  const parts = { headers: lines, without: ['content-length'], body: `${CHUNK}0\r\n\r\n` } as const
  return bad(`transfer encoding: ${name}`, parts, answer)
}

const transferEncodings: readonly BadInput[] = [
  coded('and a length', ['Transfer-Encoding: chunked', 'Content-Length: 3']),
  coded('after a length', ['Content-Length: 3', 'Transfer-Encoding: chunked']),
  coded('unknown', ['Transfer-Encoding: xchunked']),
  coded('identity', ['Transfer-Encoding: identity']),
  coded('gzip alone', ['Transfer-Encoding: gzip']),
  coded('chunked is not the last', ['Transfer-Encoding: chunked, gzip']),
  coded('chunked twice', ['Transfer-Encoding: chunked, chunked'], keptOr(1, 400, 501)),
  coded('chunked in two headers', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], keptOr(1, 400, 501)),
  coded('gzip, then chunked', ['Transfer-Encoding: gzip, chunked'], keptOr(1, 400, 501)),
  coded('a space before the colon', ['Transfer-Encoding : chunked']),
  coded('a vertical tab', ['Transfer-Encoding: \x0bchunked']),
  coded('a NUL', ['Transfer-Encoding: chunked\0']),
  coded('on a folded line', ['Transfer-Encoding:\r\n chunked'], keptOr(1, 400, 501)),
  coded('in quotes', ['Transfer-Encoding: "chunked"']),
  coded('empty', ['Transfer-Encoding:']),
  coded('odd case', ['tRANSFER-eNCODING: cHuNkEd'], kept(1)),
]

/** The chunked body as it stands, then the end of the client's half. */
function chunked(name: string, content: string | Buffer, answer = refused(400)): BadInput {
  return bytes(`chunks: ${name}`, (key) => chunkedBytes(key, content), [answer], 'end')
}

const chunks: readonly BadInput[] = [
  chunked('a size in no number', `zz\r\n${GOOD_EVENT}\r\n0\r\n\r\n`),
  chunked('a negative size', `-5\r\n${GOOD_EVENT}\r\n0\r\n\r\n`),
  chunked('a size with 0x', `0x${CHUNK}0\r\n\r\n`),
  chunked('no size', `\r\n${GOOD_EVENT}\r\n0\r\n\r\n`),
  chunked('a space before the size', ` ${CHUNK}0\r\n\r\n`),
  chunked('a size beyond 64 bits', `fffffffffffffffff\r\n${GOOD_EVENT}\r\n0\r\n\r\n`),
  chunked('a size of 64 bits', `ffffffffffffffff\r\n${GOOD_EVENT}\r\n0\r\n\r\n`),
  chunked('a size too small', `3\r\n${GOOD_EVENT}\r\n0\r\n\r\n`),
  chunked('a size too large', `ff\r\n${GOOD_EVENT}\r\n0\r\n\r\n`),
  chunked('no line end after the data', `${LENGTH.toString(16)}\r\n${GOOD_EVENT}0\r\n\r\n`),
  chunked('line feeds alone', `${CHUNK}0\r\n\r\n`.replaceAll('\r\n', '\n')),
  chunked('carriage returns alone', `${CHUNK}0\r\n\r\n`.replaceAll('\r\n', '\r')),
  chunked('no last chunk', CHUNK),
  chunked('an extension of 20,000 characters', CHUNK.replace('\r', `;${'x'.repeat(20_000)}\r`), refused(400, 413)),
  chunked('an extension with a control character', CHUNK.replace('\r', ';a=\x01\r')),
  chunked('a trailer that never ends', `${CHUNK}0\r\nX-A: ${'x'.repeat(20_000)}`, refused(400, 431)),
  chunked('a trailer without a colon', `${CHUNK}0\r\nX-A\r\n\r\n`),
  bytes('chunks: nothing but the last', (key) => chunkedBytes(key, '0\r\n\r\n'), [refused(400)]),
  bytes(
    'chunks: a trailer that declares a length',
    (key) => chunkedBytes(key, `${CHUNK}0\r\nContent-Length: 3\r\n\r\n`),
    [keptOr(1, 400)],
  ),
  bytes('chunks: an extension', (key) => chunkedBytes(key, `${CHUNK.replace('\r', ';a="b"\r')}0\r\n\r\n`), [kept(1)]),
  bytes('chunks: leading zeros', (key) => chunkedBytes(key, `0000000${CHUNK}0\r\n\r\n`), [kept(1)]),
  bytes('chunks: a trailer', (key) => chunkedBytes(key, `${CHUNK}0\r\nX-A: b\r\n\r\n`), [kept(1)]),
  bytes('chunks: a byte in each', (key) => chunkedBytes(key, inChunks(GOOD_EVENT, 1)), [kept(1)]),
  bytes('chunks: one more after the last', (key) => chunkedBytes(key, `${CHUNK}0\r\n\r\n${CHUNK}`), [kept(1)]),
]

/** Where requests stop in the middle: half of the connection ended, or all of it broken off. */
const stops: readonly BadInput[] = [
  ...stopping('a request', (key) => requestBytes(key), 24),
  ...stopping('a chunked request', (key) => chunkedBytes(key, inChunks(GOOD_EVENT, 9)), 24),
]

function stopping(what: string, whole: (key: string) => Buffer, count: number): readonly BadInput[] {
  // Keys are of one length, so that places are the same for all.
  return placesIn(whole('key-0000').length - 1, count).flatMap((at) => [
    bytes(`${what} that ends at byte ${at}`, (key) => whole(key).subarray(0, at), [refused(400)], 'end'),
    bytes(`${what} that breaks off at byte ${at}`, (key) => whole(key).subarray(0, at), [], 'break off'),
  ])
}

const keptAlive = (key: string, body: string) => requestBytes(key, { body, without: ['connection'] })

/** Several requests at once. */
const pipelines: readonly BadInput[] = [
  bytes(
    'pipeline: good, bad JSON, good',
    (key) => Buffer.concat([keptAlive(key, GOOD_EVENT), keptAlive(key, '{'), requestBytes(key)]),
    [kept(1), refused(400), kept(1)],
  ),
  bytes(
    'pipeline: good, no HTTP, good',
    (key) => Buffer.concat([keptAlive(key, GOOD_EVENT), Buffer.from('Hello\r\n\r\n'), requestBytes(key)]),
    [kept(1), refused(400)],
  ),
  bytes(
    'pipeline: good, without a key, good',
    (key) =>
      Buffer.concat([
        keptAlive(key, GOOD_EVENT),
        requestBytes(key, { without: ['authorization', 'connection'] }),
        requestBytes(key),
      ]),
    [kept(1), refused(401), kept(1)],
  ),
  bytes(
    'pipeline: a hundred',
    (key) => Buffer.concat([...Array.from({ length: 99 }, () => keptAlive(key, GOOD_EVENT)), requestBytes(key)]),
    Array.from({ length: 100 }, () => kept(1)),
  ),
  bytes(
    'smuggling: after a request that closes',
    (key) => Buffer.concat([requestBytes(key), Buffer.from(SMUGGLED(key), 'latin1')]),
    [kept(1)],
  ),
  bytes('smuggling: in the body of a GET', (key) => requestBytes(key, { method: 'GET', body: SMUGGLED(key) }), [
    refused(404, 405),
  ]),
  bytes(
    'smuggling: behind a length and chunks',
    (key) => requestBytes(key, { headers: ['Transfer-Encoding: chunked'], body: `0\r\n\r\n${SMUGGLED(key)}` }),
    [refused(400)],
  ),
  bytes(
    'smuggling: in a header',
    (key) => requestBytes(key, { headers: [`X-A: b\r\n\r\n${SMUGGLED(key)}`], without: ['content-length'] }),
    [refused(400)],
  ),
]

export const framing: readonly BadInput[] = [...lengths, ...transferEncodings, ...chunks, ...stops, ...pipelines]
