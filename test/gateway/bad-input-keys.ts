import { type BadInput, bad, body, kept, keptOr, refused } from './bad-input.ts'
import { basic, GOOD_EVENT } from './http-request.ts'

/** In place of the good Authorization. */
function authorization(name: string, value: string | ((key: string) => string), answer = refused(401)): BadInput {
  return {
    name: `authorization: ${name}`,
    answers: [answer],
    script: (key) => {
      const line = `Authorization: ${typeof value === 'string' ? value : value(key)}`
      return bad('', { headers: [line], without: ['authorization'] }).script(key)
    },
  }
}

const encoded = (text: string) => Buffer.from(text).toString('base64')

export const keys: readonly BadInput[] = [
  bad('authorization: none', { without: ['authorization'] }, refused(401)),
  authorization('empty', ''),
  authorization('Basic alone', 'Basic'),
  authorization('Basic and a space', 'Basic '),
  authorization('no base64', 'Basic !!!'),
  authorization('base64 of nothing', 'Basic ===='),
  authorization('base64 cut', (key) => basic(key).slice(0, -6)),
  authorization('no scheme', (key) => encoded(`${key}:`)),
  authorization('the key itself', (key) => `Basic ${key}`),
  authorization('bearer', (key) => `Bearer ${key}`),
  authorization('bearer of base64', (key) => `Bearer ${encoded(`${key}:`)}`),
  authorization('digest', 'Digest username="a", realm="b", nonce="c", uri="/", response="d"'),
  authorization('negotiate', 'Negotiate oYG2MIGzoAMKAQCh'),
  authorization('an unknown key', basic('nobody')),
  authorization('a key of 8,000 characters', basic('k'.repeat(8000))),
  authorization('a key of 70,000 characters', basic('k'.repeat(70_000)), refused(400, 431)),
  authorization('a NUL in the key', (key) => basic(`${key}\0`)),
  authorization('a NUL in the base64', (key) => `${basic(key)}\0`, refused(400)),
  authorization('a space around the key', (key) => basic(` ${key} `)),
  authorization('other letters', basic('schlüssel-🔑')),
  authorization('bytes above 127', 'Basic \u00ff\u00fe'),
  authorization('no UTF-8', `Basic ${Buffer.from([0xff, 0xfe, 0x3a]).toString('base64')}`),
  authorization('upper case', (key) => basic(key.toUpperCase())),
  authorization('a colon before the key', (key) => `Basic ${encoded(`:${key}`)}`),
  authorization('only colons', `Basic ${encoded(':::')}`),
  authorization('__proto__', basic('__proto__')),
  authorization('constructor', basic('constructor')),
  authorization('two in one line', (key) => `${basic('nobody')}, ${basic(key)}`),
  authorization('lower case scheme', (key) => basic(key).replace('Basic', 'basic'), kept(1)),
  authorization('two spaces', (key) => basic(key).replace(' ', '  '), kept(1)),
  authorization('a password', (key) => `Basic ${encoded(`${key}:pass:word`)}`, kept(1)),
  bad('key: in a second Authorization', { headers: [`Authorization: ${basic('nobody')}`] }, keptOr(1, 400, 401)),
  bad('key: the query disagrees', { target: '/v1/track?writeKey=nobody' }, keptOr(1, 401)),
  bad('key: the query disagrees twice', { target: '/v1/track?writeKey=nobody&writeKey=nothing' }, keptOr(1, 401)),
  body('key: the body disagrees', '{"userId":"u","writeKey":"nobody"}', keptOr(1, 401)),
  ...['"nobody"', '7', 'null', '{}', '[]', 'true', '""', '" "', '"__proto__"', '{"toString":1}'].map((key) =>
    bad(
      `key: in the body alone, ${key}`,
      { without: ['authorization'], body: GOOD_EVENT.replace('{', `{"writeKey":${key},`) },
      refused(401),
    ),
  ),
  ...['', 'nobody', '%', '%00', '%ff', '__proto__', 'a&writeKey=b', '[object Object]'.replace(' ', '+')].map((key) =>
    bad(
      `key: in the query alone, "${key}"`,
      { without: ['authorization'], target: `/v1/track?writeKey=${key}` },
      refused(401),
    ),
  ),
]
