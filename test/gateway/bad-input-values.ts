import { type BadInput, bad, body, kept, keptOr } from './bad-input.ts'
import { GOOD_EVENT } from './http-request.ts'

/** JSON all right. */
function value(name: string, json: string, answer = kept(1)): BadInput {
  return body(`value: ${name}`, `{"userId":"u","properties":{"a":${json}},"b":${json}}`, answer)
}

const odd: readonly BadInput[] = [
  value('1e400', '1e400', kept(0, 1)),
  value('-1e400', '-1e400', kept(0, 1)),
  value('1e-400', '1e-400'),
  value('2^53 + 1', '9007199254740993'),
  value('ten thousand digits', '1'.repeat(10_000), kept(0, 1)),
  value('ten thousand digits behind the point', `0.${'1'.repeat(10_000)}`),
  value('an exponent of a thousand digits', `1e${'9'.repeat(1000)}`, kept(0, 1)),
  value('-0', '-0'),
  value('-0.0e-0', '-0.0e-0'),
  value('a NUL, escaped', '"a\\u0000b"'),
  value('a high surrogate alone', '"\\ud83d"'),
  value('a low surrogate alone', '"\\udd25"'),
  value('surrogates the wrong way round', '"\\udd25\\ud83d"'),
  value('no characters', '"\\uffff\\ufdd0"'),
  value('a byte order mark inside', '"\ufeff"'),
  value('line separators', '"\u2028\u2029"'),
  value('marks that turn the text round', '"\u202e\u2066"'),
  value('ten thousand marks on one letter', `"a${'\u0301'.repeat(10_000)}"`),
  value('SQL', `"'); DROP TABLE tracks; --"`),
  value('HTML', '"<script>alert(1)</script>"'),
  value('a template', '"{{constructor.constructor(\'return process\')()}}"'),
  value('a list of 100,000 lists', `[${Array.from({ length: 100_000 }, () => '[]').join(',')}]`),
  value('an empty key', '{"":{"":{"":1}}}'),
  value('a key of a megabyte', `{"${'k'.repeat(1_000_000)}":1}`),
  value('50,000 keys', `{${Array.from({ length: 50_000 }, (_, n) => `"k${n}":1`).join(',')}}`),
  value('keys that look like places in a list', '{"0":1,"4294967294":2,"4294967295":3,"-1":4,"length":5}'),
  value('one key 10,000 times', `{${'"k":1,'.repeat(10_000)}"k":2}`),
  value('keys of surrogates alone', '{"\\ud800":1,"\\udfff":2,"\\u0000":3}'),
  body('value: the same id twice', '{"userId":"a","userId":"b"}', kept(1)),
  body('value: the id twice, then none', '{"userId":"a","userId":null}', kept(0, 1)),
  body('value: a byte order mark before it', `\ufeff${GOOD_EVENT}`, kept(1)),
  body('value: spaces around it', ` \r\n\t${GOOD_EVENT}\n`, kept(1)),
]

/** Bytes that are no UTF-8, raw inside of a string. */
const badUtf8 = [
  'ff',
  '80',
  'c0af',
  'c080',
  'e08080',
  'eda080',
  'edb080',
  'f4908080',
  'f8888080',
  'fc',
  'c3',
  'e282',
  'f09f',
]
const encoded = badUtf8.map((hex) => {
  const [before = '', after = ''] = '{"userId":"u","event":"x|x"}'.split('|')
  const content = Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)])
  return body(`UTF-8: ${hex}`, content, keptOr(1, 400))
})

const HOSTILE = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']
const PLACES = ['properties', 'traits', 'context', 'integrations', 'userProperties'] as const

/** Keys that mean something to JavaScript; the corpus checks after each case that nobody was fooled. */
const hostile = HOSTILE.flatMap((name): readonly BadInput[] => {
  const evil = `"${name}":{"polluted":true,"${name}":{"polluted":true}}`
  const batched = `{"type":"track","userId":"u",${evil},"context":{${evil}}}`
  return [
    body(`key ${name}: at the top`, `{"userId":"u",${evil}}`, kept(1)),
    body(
      `key ${name}: as a string`,
      `{"userId":"u","${name}":"polluted","properties":{"${name}":"polluted"}}`,
      kept(1),
    ),
    body(`key ${name}: beside a write key`, `{"userId":"u","writeKey":"k",${evil}}`, keptOr(1, 401)),
    ...PLACES.map((place) =>
      body(`key ${name}: in ${place}`, `{"userId":"u","${place}":{${evil},"a":{${evil}},"b":[{${evil}}]}}`, kept(1)),
    ),
    body(`key ${name}: of a batch`, `{"batch":[${batched}],${evil},"context":{${evil}}}`, kept(1), '/v1/batch'),
    bad(`key ${name}: of the query`, { target: `/v1/track?${name}[polluted]=1&${name}.polluted=1` }, kept(1)),
  ]
})

function nested(levels: number, open: string, close: string): string {
  return `${open.repeat(levels)}1${close.repeat(levels)}`
}

/** The event is the first of the 200 levels that are taken. */
const depths = (
  [
    [199, kept(1)],
    [200, kept(0, 1)],
    [201, kept(0, 1)],
    [10_000, keptOr(0, 400)],
    [600_000, keptOr(0, 400)],
  ] as const
).flatMap(([levels, answer]): readonly BadInput[] => {
  const deep = levels > 9000 ? { ...answer, rejected: 1 } : answer
  const lists = () => Buffer.from(nested(levels, '[', ']'))
  const objects = () => Buffer.from(nested(levels, '{"a":', '}'))
  const inside = (before: string, make: () => Buffer, after: string) => () =>
    Buffer.concat([Buffer.from(before), make(), Buffer.from(after)])
  return [
    body(`depth ${levels}: lists`, inside('{"userId":"u","a":', lists, '}'), deep),
    body(`depth ${levels}: objects`, inside('{"userId":"u","a":', objects, '}'), deep),
    body(
      `depth ${levels}: in a batch`,
      inside('{"batch":[{"type":"track","userId":"u","a":', lists, '}]}'),
      deep,
      '/v1/batch',
    ),
    body(
      `depth ${levels + 1}: in what a batch shares`,
      inside('{"batch":[{"type":"track","userId":"u"}],"context":{"a":', lists, '}}'),
      levels === 199 ? kept(0, 1) : deep,
      '/v1/batch',
    ),
  ]
})

export const values: readonly BadInput[] = [...odd, ...encoded, ...hostile, ...depths]
