import { ANY, type BadInput, bad, type Expected, kept, keptOr, refused, words } from './bad-input.ts'
import { GOOD_EVENT, type RequestParts } from './http-request.ts'

/** An image whatever was asked, so that no page shows a broken one. */
const IMAGE_OR_NONE: Expected = { statuses: [200, 400, 401, 404, 405] }

function pixel(query: string, parts: RequestParts = {}): BadInput {
  const name = `pixel ${parts.method ?? 'GET'} ?${query.slice(0, 48)}${query.length > 48 ? `… (${query.length})` : ''}`
  return {
    name,
    answers: [IMAGE_OR_NONE],
    script: (key) =>
      bad(name, { method: 'GET', target: `/pixel/v1/track?${query.replace('KEY', key)}`, ...parts }, ANY).script(key),
  }
}

const EVIL_PATHS = words`
  __proto__.polluted=1 __proto__[polluted]=1 constructor.prototype.polluted=1 properties.__proto__.polluted=1
  context.constructor.prototype.polluted=1 properties.toString.polluted=1 a.__proto__.__proto__.polluted=1
  a=1&a.b=2 a.b=1&a=2 a.0=x&a.1=y a.4294967294=x a.-1=x .=1 ..=1 a.=1 .a=1 = %00=%00 userId=%ff%fe userId=%
  userId=%zz event= event=%F0%9F%92%A9 userId=&anonymousId= type=identify anonymousId=%22%22 anonymousId=%22a
  userId=u&userId=v properties=x&properties.a=1 batch=[] writeKey=x
`

const pixels: readonly BadInput[] = [
  pixel(''),
  pixel('writeKey='),
  pixel('writeKey=nobody&userId=u&event=e'),
  pixel('writeKey=nobody&writeKey=KEY&userId=u&event=e'),
  pixel('writeKey=KEY'),
  pixel('writeKey=KEY&userId=u'),
  ...EVIL_PATHS.map((path) => pixel(`writeKey=KEY&userId=u&event=e&${path}`)),
  pixel(`writeKey=KEY&userId=u&event=e&${'a.'.repeat(5000)}a=1`),
  pixel(`writeKey=KEY&userId=u&event=e&${'__proto__.'.repeat(500)}polluted=1`),
  pixel(`writeKey=KEY&userId=u&event=e&${Array.from({ length: 2000 }, (_, n) => `k${n}=1`).join('&')}`),
  ...['HEAD', 'POST', 'PUT', 'OPTIONS'].map((method) => pixel('writeKey=KEY&userId=u&event=e', { method, body: '' })),
].map((one): BadInput => (one.name.includes('OPTIONS') ? { ...one, answers: [ANY] } : one))

function beacon(name: string, parts: RequestParts, answer: Expected): BadInput {
  return bad(`beacon: ${name}`, { target: '/beacon/v1/batch', body: `{"batch":[${GOOD_EVENT}]}`, ...parts }, answer)
}

const beacons: readonly BadInput[] = [
  beacon('no key', { without: ['authorization'] }, refused(401)),
  beacon('the key in a header', {}, keptOr(1, 401)),
  beacon('an unknown key', { target: '/beacon/v1/batch?writeKey=nobody', without: ['authorization'] }, refused(401)),
  beacon('GET', { method: 'GET', body: '' }, refused(404, 405)),
  beacon('bad JSON', { body: '{"batch":[' }, refused(400, 401)),
  beacon('an event instead', { body: GOOD_EVENT }, refused(400, 401)),
  beacon('another path', { target: '/beacon/v1/track' }, refused(401, 404, 405)),
]

/** Pages that store nothing, whatever is asked of them. */
const PAGES = [
  ...words`
  /sourceConfig /sourceConfig?writeKey=nobody /sourceConfig/?p=%ff&v=__proto__ /v1/projects/nobody/settings
  /v1/projects/__proto__/settings /v1/projects/%2e%2e%2f%2e%2e/settings /v1/projects/%00/settings
  /v1/projects//settings /v1/projects/%zz/settings /health /version /docs /robots.txt /
`,
  `/v1/projects/${'k'.repeat(10_000)}/settings`,
]

const pages = PAGES.flatMap((target) =>
  ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'].map((method) => {
    const name = `page ${method} ${target.length > 60 ? `${target.slice(0, 60)}…` : target}`
    return bad(name, { method, target, ...(method === 'PUT' && { body: '{' }) }, { ...ANY, events: 0 })
  }),
)

const strangers: readonly BadInput[] = [
  bad('merge: empty', { target: '/v1/merge', body: '{}' }, { statuses: [200, 400, 404], events: 0, rejected: 1 }),
  bad(
    'merge: wrong',
    { target: '/v1/merge', body: '{"mergeProperties":[{"type":7},null]}' },
    { statuses: [200, 400, 404], events: 0, rejected: 1 },
  ),
  ...['/v1/import', '/v1/b', '/v1/batch/'].map((target) =>
    bad(`${target}: an event instead`, { target }, refused(400)),
  ),
  ...['/v1/extract', '/v1/retl', '/v1/replay', '/v1/x', '/v1/track/x', '/v2/track', '/internal/v1/batch'].map(
    (target) => bad(`${target} is not there`, { target }, refused(401, 404, 405)),
  ),
  ...['i', 't', 'p', 's', 'g', 'a'].map((letter) =>
    bad(`/v1/${letter}: an event of nobody`, { target: `/v1/${letter}`, body: '{"event":"Seen"}' }, kept(0, 1)),
  ),
]

export const endpoints: readonly BadInput[] = [...pixels, ...beacons, ...pages, ...strangers]
