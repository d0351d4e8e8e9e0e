import { ANY, type BadInput, bad, kept, refused } from './bad-input.ts'
import { GOOD_EVENT } from './http-request.ts'

const MULTIPART = 'Content-Type: multipart/form-data; boundary=b'
const part = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

const HOOKS: readonly (readonly [name: string, contentType: string, body: string])[] = [
  ['JSON', 'Content-Type: application/json', '{"a":1}'],
  ['bad JSON', 'Content-Type: application/json', '{'],
  ['a list', 'Content-Type: application/json', '[{"a":1}]'],
  ['null', 'Content-Type: application/json', 'null'],
  ['nothing', 'Content-Type: application/json', ''],
  ['no type', 'Content-Type:', '{"a":1}'],
  [
    'hostile keys',
    'Content-Type: application/json',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  ],
  ['depth', 'Content-Type: application/json', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['a form', 'Content-Type: application/x-www-form-urlencoded', 'a=1&a=2&b=%ff&c=%&=&&d'],
  [
    'a hostile form',
    'Content-Type: application/x-www-form-urlencoded',
    '__proto__[polluted]=1&constructor.prototype.polluted=1&__proto__=1',
  ],
  ['a form of 20,000 fields', 'Content-Type: application/x-www-form-urlencoded', 'a=1&'.repeat(20_000)],
  ['a deep form', 'Content-Type: application/x-www-form-urlencoded', `a${'[b]'.repeat(10_000)}=1`],
  ['a multipart form', MULTIPART, `${part('a', '1')}--b--\r\n`],
  ['a multipart form without an end', MULTIPART, part('a', '1')],
  ['a multipart form cut in a header', MULTIPART, '--b\r\nContent-Disposition: form-data; na'],
  ['a multipart form without a boundary', 'Content-Type: multipart/form-data', `${part('a', '1')}--b--\r\n`],
  [
    'a multipart form with another boundary',
    'Content-Type: multipart/form-data; boundary=other',
    `${part('a', '1')}--b--\r\n`,
  ],
  [
    'a multipart form with a boundary of 5,000 characters',
    `Content-Type: multipart/form-data; boundary=${'b'.repeat(5000)}`,
    '--b--',
  ],
  ['a multipart form with an empty boundary', 'Content-Type: multipart/form-data; boundary=""', '----\r\n'],
  ['a multipart form without names', MULTIPART, '--b\r\n\r\nx\r\n--b--\r\n'],
  [
    'a multipart form of hostile names',
    MULTIPART,
    `${part('__proto__', '1')}${part('__proto__[polluted]', '1')}--b--\r\n`,
  ],
  ['a multipart form of 5,000 parts', MULTIPART, `${part('a', '1').repeat(5000)}--b--\r\n`],
  [
    'a multipart form with a file of a hostile name',
    MULTIPART,
    `${part('a"; filename="../../etc/passwd', 'x')}--b--\r\n`,
  ],
  ['XML', 'Content-Type: application/xml', '<a><b/></a>'],
  ['bytes', 'Content-Type: application/octet-stream', '\u00ff\0\u0001'],
]

/** Some webhooks say any JSON; a source of events may refuse them all. */
const hooks = HOOKS.flatMap(([name, type, content]): readonly BadInput[] => [
  bad(`webhook: ${name}`, { target: '/v1/webhook', headers: [type], body: content }, ANY),
  bad(`form sent to /v1/track: ${name}`, { headers: [type], body: content }, { statuses: [200, 400], events: 0 }),
])

export const webhooks: readonly BadInput[] = [
  ...hooks,
  bad('webhook: an event', { target: '/v1/webhook' }, kept(1)),
  bad('webhook: a good event and a bad one', { target: '/v1/webhook', body: `[${GOOD_EVENT},{}]` }, kept(1, 1)),
  bad('webhook: GET', { method: 'GET', target: '/v1/webhook?a=1&__proto__.polluted=1' }, ANY),
  bad('webhook: no key', { target: '/v1/webhook', without: ['authorization'] }, refused(401, 404)),
  bad(
    'webhook: an unknown key',
    { target: '/v1/webhook?writeKey=nobody', without: ['authorization'] },
    refused(401, 404),
  ),
  bad('webhook: DELETE', { method: 'DELETE', target: '/v1/webhook' }, refused(404, 405)),
]
