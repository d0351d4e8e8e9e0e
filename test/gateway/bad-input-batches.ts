import { type BadInput, bad, body, bytes, type Expected, kept, keptOr, refused, words } from './bad-input.ts'
import { GONE } from './collector-process.ts'
import { chunkedBytes, inChunks } from './http-request.ts'

const BATCH = '/v1/batch'
const EVENT = '{"type":"track","event":"Seen","userId":"u"}'
const NOBODY = '{"type":"track","event":"Seen"}'

function batch(name: string, content: string | (() => Buffer), answer: Expected): BadInput {
  return body(`batch: ${name}`, content, answer, BATCH)
}

function elements(count: number, element: string): () => Buffer {
  return () => Buffer.from(`{"batch":[${`${element},`.repeat(count - 1)}${element}]}`)
}

const lists: readonly BadInput[] = [
  batch('missing', '{}', refused(400)),
  batch('an event instead', EVENT, refused(400)),
  ...['null', '"[]"', '{}', '{"0":{},"length":1}', '1', 'true', '[]', '""'].map((list) =>
    batch(`the list is ${list}`, `{"batch":${list}}`, refused(400)),
  ),
  batch('the list twice, the last one wins', `{"batch":[${EVENT}],"batch":[]}`, refused(400)),
  batch('in another case', `{"Batch":[${EVENT}]}`, refused(400)),
  batch('a batch in a batch', `{"batch":[{"batch":[${EVENT}]}]}`, kept(0, 1)),
  batch('a batch that says it is one', `{"batch":[{"type":"batch","batch":[${EVENT}]}]}`, kept(0, 1)),
  batch('a list in the list', `{"batch":[[${EVENT}]]}`, kept(0, 1)),
  ...['null', '""', '"x"', '0', '1e400', 'true', 'false', '[]', '{}', '[[[]]]'].map((element) =>
    batch(`an element is ${element}`, `{"batch":[${EVENT},${element},${EVENT}]}`, kept(2, 1)),
  ),
  batch('elements of all kinds', `{"batch":[null,${EVENT},"x",${NOBODY},1,${EVENT},[],{},true]}`, kept(2, 7)),
  batch('a hole in the list', `{"batch":[${EVENT},,${EVENT}]}`, refused(400)),
  batch('cut in the middle', `{"batch":[${EVENT},${EVENT.slice(0, 12)}`, refused(400)),
  batch('cut before its end', `{"batch":[${EVENT}`, refused(400)),
  batch('events without a type', `{"batch":[{"userId":"u"},${EVENT}]}`, kept(1, 1)),
  batch('100 events alike', elements(100, '{"type":"track","userId":"u","messageId":"m"}'), kept(100)),
  batch('25 bad ones', elements(25, NOBODY), kept(0, 25)),
  batch('100,000 empty objects', elements(100_000, '{}'), { statuses: [200, 413], events: 0, rejected: 100_000 }),
  batch('20,000 events', elements(20_000, '{"type":"page","userId":"u"}'), kept(20_000)),
  batch('two million numbers', elements(2_000_000, '0'), refused(413)),
  batch('2,000 events, one bad', () => withLast(2000, NOBODY), kept(1999, 1)),
]

function withLast(count: number, last: string): Buffer {
  return Buffer.from(`{"batch":[${`${EVENT},`.repeat(count - 1)}${last}]}`)
}

const NON_OBJECTS = ['null', '""', '"x"', '1', '1e400', 'true', '[]', '[{}]']

/** Of any type they go into the events; what is no number for JSON refuses those. */
const TIMES = ['sentAt', 'timestamp']

/** Members of the batch that go into each of its events. */
const shared: readonly BadInput[] = [
  ...['sentAt', 'timestamp', 'context', 'integrations'].flatMap((member) =>
    NON_OBJECTS.map((content) =>
      batch(
        `shared ${member} is ${content}`,
        `{"batch":[${EVENT},{}],"${member}":${content}}`,
        content === '1e400' && TIMES.includes(member) ? kept(0, 2) : kept(1, 1),
      ),
    ),
  ),
  batch('a shared type', `{"batch":[{"userId":"u"}],"type":"track"}`, kept(0, 1)),
  batch('a shared id', `{"batch":[{"type":"track"}],"userId":"u","anonymousId":"a"}`, kept(0, 1)),
  batch(
    'shared context over one that is no object',
    `{"batch":[{"type":"track","userId":"u","context":7}],"context":{"a":1}}`,
    kept(0, 1),
  ),
  // What is small on the wire must not become hours of work.
  batch('200 elements that share a context of 60,000 members', () => sharing(200, '{"context":{}}', 60_000), {
    statuses: [200, 413],
    events: 0,
    rejected: 200,
  }),
  batch('500 elements that share a context of 4 MB', () => sharing(500, '{}', 1, 'x'.repeat(4_000_000)), {
    statuses: [200, 413],
    events: 0,
    rejected: 500,
  }),
  // Nothing of these is kept: what they are merged into is not counted by what is stored.
  batch(
    '300 events of suppressed people that share a context of 60,000 members',
    () => sharing(300, `{"userId":"${GONE}","context":{}}`, 60_000),
    {
      statuses: [200, 413],
      events: 0,
      rejected: 0,
    },
  ),
  batch('1,000 events that share a context of 30 KB', () => sharing(1000, EVENT, 1, 'x'.repeat(30_000)), {
    statuses: [200, 413],
    events: 1000,
    rejected: 0,
  }),
]

function sharing(count: number, element: string, members: number, text = ''): Buffer {
  const context = Array.from({ length: members }, (_, n) => `"k${n}":"${text}"`)
  return Buffer.from(`{"batch":[${`${element},`.repeat(count - 1)}${element}],"context":{${context}}}`)
}

const types = [
  ...words`
  null "" "Track" "tracks" "__proto__" "toString" 7 [] {} ["track"] true "record" "batch" "track\u0000" "тrack"
`,
  '" track"',
].map((type) => batch(`type ${type}`, `{"batch":[{"userId":"u","type":${type}},${EVENT}]}`, kept(1, 1)))

const LIMIT = 4 * 1024 * 1024

const large = () => Buffer.from(EVENT.padEnd(4 * LIMIT))

const sizes: readonly BadInput[] = [
  body('size: exactly the limit', () => Buffer.from(EVENT.padEnd(LIMIT)), kept(1)),
  body('size: a byte over the limit', () => Buffer.from(EVENT.padEnd(LIMIT + 1)), refused(413)),
  body('size: 16 MB', large, refused(413)),
  bad('size: 16 MB and no key', { body: large, without: ['authorization'] }, refused(401, 413)),
  bad(
    'size: 16 MB and an unknown key',
    { body: large, without: ['authorization'], target: '/v1/track?writeKey=x' },
    refused(401, 413),
  ),
  bad('size: 16 MB to nowhere', { body: large, target: '/v1/nowhere' }, refused(404, 413)),
  bytes('size: 16 MB in chunks', (key) => chunkedBytes(key, inChunks(large(), 65_536)), [refused(413)]),
  body('size: one string up to the limit', () => Buffer.from(`{"userId":"${'u'.repeat(LIMIT - 13)}"}`), keptOr(1, 413)),
]

export const batches: readonly BadInput[] = [...lists, ...shared, ...types, ...sizes]
