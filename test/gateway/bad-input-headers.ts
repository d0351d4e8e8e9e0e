import { type BadInput, bad, kept, keptOr, refused, words } from './bad-input.ts'

/** A good request with one more line. */
function line(name: string, header: string, answer = kept(1)): BadInput {
  return bad(`header: ${name}`, { headers: [header] }, answer)
}

/** Lines that are no headers; the parser refuses the request. */
const broken: readonly BadInput[] = [
  line('no colon', 'Nonsense', refused(400)),
  line('no name', ': b', refused(400)),
  line('a space in the name', 'X A: b', refused(400)),
  line('a space before the colon', 'X-A : b', refused(400)),
  line('a name of other letters', 'X-Größe: b', refused(400)),
  line('a name with a NUL', 'X\0A: b', refused(400)),
  line('a NUL', 'X-A: a\0b', refused(400)),
  line('a carriage return', 'X-A: a\rX-B: b', refused(400)),
  line('a line feed', 'X-A: a\nX-B: b', keptOr(1, 400)),
  line('a control character', 'X-A: a\x01b', refused(400)),
  line('a delete character', 'X-A: a\x7fb', refused(400)),
  line('a folded line', 'X-A: a\r\n b', keptOr(1, 400)),
  line('a value of 70,000 characters', `X-A: ${'a'.repeat(70_000)}`, refused(400, 431)),
  line('a value of a million characters', `X-A: ${'a'.repeat(1_000_000)}`, refused(400, 431)),
  line('a name of 70,000 characters', `${'a'.repeat(70_000)}: b`, refused(400, 431)),
  bad('header: 20,000 of them', { headers: Array.from({ length: 20_000 }, (_, n) => `X-${n}: b`) }, refused(400, 431)),
]

/** What is odd and harmless. */
const odd: readonly BadInput[] = [
  line('empty', 'X-A:'),
  line('bytes above 127', 'X-A: \u0080\u00ff'),
  line('__proto__', '__proto__: {"polluted":true}'),
  line('constructor', 'constructor: x'),
  line('toString', 'toString: x'),
  line('hasOwnProperty', 'hasOwnProperty: x'),
  line('every punctuation a name may have', "!#$%&'*+-.^_`|~: x"),
  line('a cookie of 10,000 characters', `Cookie: a=${'b'.repeat(10_000)}`),
  line('a cookie of bytes above 127', 'Cookie: a=\u00e9; \u00ff=;;;='),
  line('a range', 'Range: bytes=0-1,5-,-3'),
  line('a condition', 'If-None-Match: *'),
  line('another method', 'X-HTTP-Method-Override: DELETE'),
  line('another path', 'X-Original-URL: /internal/collector'),
  line('TE', 'TE: trailers, deflate;q=0.5'),
  line('an upgrade to WebSocket', 'Upgrade: websocket'),
  line('an upgrade to HTTP/2', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'),
  line('an anonymous id that is no base64', 'AnonymousId: \u00ff\u00fe'),
  bad('header: 500 of them', { headers: Array.from({ length: 500 }, (_, n) => `X-${n}: b`) }, kept(1)),
  bad('header: 200 of the same', { headers: Array.from({ length: 200 }, () => 'X-A: b') }, kept(1)),
  bad('header: a connection that closes and upgrades', { headers: ['Connection: Upgrade', 'Upgrade: foo'] }, kept(1)),
  bad('header: a connection of odd words', { headers: ['Connection: ,,, authorization, \u00ff'] }, kept(1)),
]

const hosts: readonly BadInput[] = [
  bad('host: none', { without: ['host'] }, keptOr(1, 400)),
  bad('host: two', { headers: ['Host: other.example'] }, keptOr(1, 400)),
  ...[
    '',
    ' ',
    'a b',
    'a/b',
    'a?b',
    'a#b',
    '@',
    'user@a',
    ':',
    ':80',
    'a:99999',
    'a:b',
    '[::1',
    '[::1]',
    '[',
    '\u00ff',
  ].map((host) =>
    bad(`host: ${JSON.stringify(host)}`, { headers: [`Host: ${host}`], without: ['host'] }, keptOr(1, 400)),
  ),
  bad('host: 10,000 characters', { headers: [`Host: ${'a'.repeat(10_000)}`], without: ['host'] }, keptOr(1, 400)),
]

const expectations: readonly BadInput[] = [
  bad('expect: 100-continue', { headers: ['Expect: 100-continue'] }, kept(1)),
  bad('expect: 100-continue, bad JSON', { headers: ['Expect: 100-continue'], body: '{' }, refused(400)),
  bad('expect: 100-continue, no key', { headers: ['Expect: 100-continue'], without: ['authorization'] }, refused(401)),
  bad(
    'expect: 100-continue, more than the limit',
    { headers: ['Expect: 100-continue', 'Content-Length: 99999999'], without: ['content-length'], body: '' },
    refused(413),
  ),
  bad('expect: something else', { headers: ['Expect: tea'] }, keptOr(1, 417)),
  bad('expect: nothing', { headers: ['Expect:'] }, keptOr(1, 417)),
]

const forwarded: readonly BadInput[] = [
  ...words`
  , ,,, unknown 999.1.1.1 1.2.3.4:80 [::1] ::ffff:1.2.3.4 ::1%eth0 <b> a 1.2.3 0x7f.1 ::
`,
  '',
  "1' OR '1'='1",
  '\u00e9',
  `${'1.2.3.4, '.repeat(1000)}5.6.7.8`,
  ' 1.2.3.4 ',
].map((value) => line(`X-Forwarded-For: ${value.slice(0, 24)} (${value.length})`, `X-Forwarded-For: ${value}`))

const origins: readonly BadInput[] = [
  ...['', 'null', '*', 'https://a, https://b', '\u00ff', 'javascript:alert(1)', 'x'.repeat(8000)].map((origin) =>
    line(`Origin: ${origin.slice(0, 24)}`, `Origin: ${origin}`),
  ),
  ...['', ',', 'a b', '\u00ff', 'x,'.repeat(5000), `a${' '.repeat(14_000)}b`, '*'].map((asked) =>
    bad(
      `preflight for ${JSON.stringify(asked.slice(0, 12))} (${asked.length})`,
      {
        method: 'OPTIONS',
        headers: [
          'Origin: https://a',
          'Access-Control-Request-Method: \u00ff',
          `Access-Control-Request-Headers: ${asked}`,
        ],
      },
      refused(200, 204),
    ),
  ),
]

/** Nobody looks at the type, for beacons cannot say the right one. */
const contentTypes: readonly BadInput[] = [
  ...words`
  text/plain application/xml image/png multipart/form-data application/x-www-form-urlencoded ;;; /
`,
  '',
  'application/json; charset=utf-16',
  'application/json; charset=',
  'multipart/form-data; boundary=',
  '\u00ff',
  `a/${'b'.repeat(10_000)}`,
  'application/json, text/plain',
].map((type) => line(`Content-Type: ${type.slice(0, 40)}`, `Content-Type: ${type}`))

export const headers: readonly BadInput[] = [
  ...broken,
  ...odd,
  ...hosts,
  ...expectations,
  ...forwarded,
  ...origins,
  ...contentTypes,
]
