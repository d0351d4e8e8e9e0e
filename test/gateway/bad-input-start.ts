import { type BadInput, bad, bytes, kept, keptOr, refused, words } from './bad-input.ts'
import { basic, requestBytes } from './http-request.ts'

/** Versions of HTTP. */
const versions: readonly BadInput[] = [
  ...words`
  HTTP/1.2 HTTP/3 HTTP/9.9 HTTP/1.10 HTTP/-1.1 HTTP/1.1.1 HTTP/1 http/1.1 HTTPS/1.1 ICE/1.0 HTTP/
`,
  'HTTP /1.1',
  'HTTP/1.1 x',
  '\0',
  '',
  'HTTP/1.1\0',
].map((version) => bad(`version ${JSON.stringify(version)}`, { version }, refused(400, 505)))

/** Old clients may leave the host out; what the parser takes for HTTP/1.1 may be answered as such. */
const old: readonly BadInput[] = [
  ...['HTTP/2.0', 'HTTP/0.9', 'RTSP/1.0'].map((version) => bad(`version ${version}`, { version }, keptOr(1, 400, 505))),
  bad('version HTTP/1.0', { version: 'HTTP/1.0' }, kept(1)),
  bad('version HTTP/1.0 without a host', { version: 'HTTP/1.0', without: ['host'] }, kept(1)),
  bad(
    'version HTTP/1.0 of a load balancer',
    { version: 'HTTP/1.0', method: 'GET', target: '/health', without: ['host'] },
    { statuses: [200], events: 0, rejected: 0 },
  ),
  bad('version HTTP/1.0 in chunks', { version: 'HTTP/1.0', headers: ['Transfer-Encoding: chunked'] }, refused(400)),
]

const NOT_ALLOWED = refused(404, 405)

const methods: readonly BadInput[] = [
  ...['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'QUERY', 'PROPFIND', 'M-SEARCH', 'TRACE', 'SEARCH', 'REPORT'].map(
    (method) => bad(`method ${method}`, { method }, NOT_ALLOWED),
  ),
  ...['FOO', 'post', 'Post', 'P\0ST', 'PÖST', 'POST\t', 'X'.repeat(5000), 'PRI', 'SOURCE', 'POSTPOST'].map((method) =>
    bad(`method ${JSON.stringify(method.slice(0, 20))}`, { method }, refused(400, 404, 405, 501)),
  ),
  bytes('method missing', (key) => requestBytes(key, { method: '' }), [refused(400)]),
  bytes('method CONNECT', () => 'CONNECT db.internal:5432 HTTP/1.1\r\nHost: db.internal:5432\r\n\r\n', []),
  bad('method OPTIONS', { method: 'OPTIONS' }, refused(200, 204, 404)),
  bad('method OPTIONS with a body', { method: 'OPTIONS', body: '{"userId":"u"}' }, refused(200, 204, 404)),
]

/** Other protocols, and nothing. */
const others: readonly BadInput[] = [
  bytes('HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [refused(400)]),
  bytes('HTTP/0.9', () => 'GET /health\r\n', [refused(400)], 'end'),
  bytes('TLS', () => Buffer.from('16030100f8010000f40303', 'hex'), [refused(400)]),
  bytes('SSH', () => 'SSH-2.0-OpenSSH_9.6\r\n', [refused(400)]),
  bytes('SMTP', () => 'EHLO mail.example\r\n', [refused(400)]),
  bytes('Redis', () => '*1\r\n$4\r\nPING\r\n', [refused(400)]),
  bytes('SOCKS5', () => Buffer.from([5, 1, 0]), [refused(400)]),
  bytes('PROXY protocol', () => 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', [refused(400)]),
  bytes('an answer', () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', [refused(400)]),
  bytes('NULs', () => Buffer.alloc(1000), [refused(400)]),
  bytes('0xff', () => Buffer.alloc(1000, 0xff), [refused(400)]),
  bytes('a megabyte without a line end', () => 'G'.repeat(1_000_000), [refused(400, 431)]),
  bytes('empty lines alone', () => '\r\n'.repeat(1000), [], 'end'),
  bytes('nothing', () => '', [], 'end'),
  bytes('nothing, broken off', () => '', [], 'break off'),
  bytes('empty lines before a request', (key) => Buffer.concat([Buffer.from('\r\n\r\n'), requestBytes(key)]), [
    kept(1),
  ]),
]

/** Where a body that would be accepted is sent to. */
const COLLECTS_OR_NOT = keptOr(1, 400, 404, 405)

const oddTargets = words`
  // //v1/track /v1//track /v1/track// /v1/./track /v1/../v1/track /x/../v1/track /v1/track/.
  /v1/%2e%2e/v1/track /v1/%74rack /v1%2ftrack /v1/t%2frack /v1/track%00 /v1/track% /v1/track%zz /v1/track%ff%fe
  /v1/track%c0%af /v1/%F0%9F%92%A9 /v1/track;x=1 /V1/TRACK /v1/track/.. /v1/ /v1 / /. /.. /v1/__proto__
  /v1/constructor /v1/toString /v1/* /v1/:type /.env /v1/track? /v1/track?? /v1/track?% /v1/track?writeKey=%
  /v1/track?writeKey=%00 /v1/track?writeKey /v1/track?writeKey[]=x /v1/track?__proto__[x]=1
  /v1/track?__proto__=1 /v1/track?=&=&& /v1/track?a=%ff /v1/track#part /v1/track?# /%
  /internal/collector/../../v1/track /v1/../internal/collector
`

const targets: readonly BadInput[] = [
  ...oddTargets.map((target) => bad(`target ${target}`, { target }, COLLECTS_OR_NOT)),
  ...['', 'v1/track', '?', '#', '\\', '/a b', '/v1/tr\tack', '/v1/tr\0ack', '/v1/tr\x7fack', '/v1/\u00ff'].map(
    (target) => bad(`target ${JSON.stringify(target)}`, { target }, refused(400, 404)),
  ),
  bad('target with backslashes', { target: '/v1\\track' }, COLLECTS_OR_NOT),
  bad('target with a slash and a backslash', { target: '/v1/\\track' }, COLLECTS_OR_NOT),
  bad('target *', { target: '*' }, refused(400, 404)),
  bad('target * of OPTIONS', { target: '*', method: 'OPTIONS' }, refused(200, 204, 400, 404)),
  bad('target in absolute form', { target: 'http://collector.example/v1/track' }, kept(1)),
  bad('target in absolute form, of another', { target: 'http://elsewhere.example/v1/track' }, COLLECTS_OR_NOT),
  bad('target in absolute form, with a user', { target: `http://u:p@collector.example/v1/track` }, COLLECTS_OR_NOT),
  bad('target in absolute form, no host', { target: 'http:///v1/track' }, COLLECTS_OR_NOT),
  bad('target in absolute form, nothing else', { target: 'http://' }, refused(400, 404)),
  bad('target in absolute form, of a port beyond', { target: 'http://a:99999/v1/track' }, COLLECTS_OR_NOT),
  bad('target of another scheme', { target: 'ftp://collector.example/v1/track' }, refused(400, 404)),
  bad('target of a file', { target: 'file:///etc/passwd' }, refused(400, 404)),
  bad('target in authority form', { target: 'collector.example:80' }, refused(400, 404)),
  bad('target of 15,000 characters', { target: `/v1/${'a'.repeat(15_000)}` }, refused(404, 414, 431)),
  bad('target of 100,000 characters', { target: `/v1/${'a'.repeat(100_000)}` }, refused(400, 414, 431)),
  bad('target of 5,000 slashes', { target: `/v1${'/'.repeat(5000)}track` }, COLLECTS_OR_NOT),
  bad('target of 4,000 parents', { target: `/v1${'/..'.repeat(4000)}/v1/track` }, COLLECTS_OR_NOT),
  bad('target of 4,000 parameters', { target: `/v1/track?${'a=b&'.repeat(3500)}` }, kept(1)),
  bad('target of 5,000 percent signs', { target: `/v1/track?${'%'.repeat(5000)}` }, kept(1)),
]

const smallHead = (lines: string) => (key: string) =>
  `POST /v1/track HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${basic(key)}\r\n${lines}`

/** Line ends that are none, or where they do not belong. */
const lineEnds: readonly BadInput[] = [
  bytes('line feeds alone', (key) => requestBytes(key).toString().replaceAll('\r\n', '\n'), [keptOr(1, 400)]),
  bytes(
    'carriage returns alone',
    (key) => requestBytes(key).toString().replaceAll('\r\n', '\r'),
    [refused(400)],
    'end',
  ),
  bytes('a doubled carriage return', smallHead('X-A: b\r\r\nContent-Length: 0\r\n\r\n'), [refused(400)]),
  bytes('a header line before its time', (key) => ` X-A: b\r\n${requestBytes(key)}`, [refused(400)]),
]

export const start: readonly BadInput[] = [...versions, ...old, ...methods, ...others, ...targets, ...lineEnds]
