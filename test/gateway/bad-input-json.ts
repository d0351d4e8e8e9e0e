import { type BadInput, body, placesIn, refused } from './bad-input.ts'
import { GOOD_EVENT } from './http-request.ts'

/** Bodies that are no JSON, to an endpoint of one event and to the batch. */
function noJson(name: string, content: string | Buffer | (() => Buffer)): readonly BadInput[] {
  return [
    body(`json: ${name}`, content, refused(400)),
    body(`json: ${name}, as a batch`, content, refused(400), '/v1/batch'),
  ]
}

const invalid: readonly BadInput[] = [
  ...noJson('empty', ''),
  ...noJson('spaces', ' \t\r\n '),
  ...noJson('a form feed', `\f${GOOD_EVENT}`),
  ...noJson('a non-breaking space', `\u00a0${GOOD_EVENT}`),
  ...noJson('a word', 'Hello'),
  ...noJson('undefined', 'undefined'),
  ...noJson('a form', 'userId=u&event=Seen'),
  ...noJson('XML', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
  ...noJson('two values', `${GOOD_EVENT}${GOOD_EVENT}`),
  ...noJson('lines of values', `${GOOD_EVENT}\n${GOOD_EVENT}\n`),
  ...noJson('a comma at the end', '{"userId":"u",}'),
  ...noJson('a comma at the start', '{,"userId":"u"}'),
  ...noJson('two commas', '{"userId":"u",,"a":1}'),
  ...noJson('no comma', '{"userId":"u" "a":1}'),
  ...noJson('no colon', '{"userId" "u"}'),
  ...noJson('a comment', '{"userId":"u" /* who */}'),
  ...noJson('a line comment', '{"userId":"u" // who\n}'),
  ...noJson('single quotes', "{'userId':'u'}"),
  ...noJson('no quotes', '{userId:"u"}'),
  ...noJson('backquotes', '{"userId":`u`}'),
  ...noJson('NaN', '{"userId":"u","a":NaN}'),
  ...noJson('Infinity', '{"userId":"u","a":-Infinity}'),
  ...noJson('a hexadecimal number', '{"userId":"u","a":0x10}'),
  ...noJson('an octal number', '{"userId":"u","a":010}'),
  ...noJson('a number with a plus', '{"userId":"u","a":+1}'),
  ...noJson('a number that starts with a point', '{"userId":"u","a":.5}'),
  ...noJson('a number that ends with a point', '{"userId":"u","a":5.}'),
  ...noJson('a number that ends with e', '{"userId":"u","a":5e}'),
  ...noJson('a minus alone', '{"userId":"u","a":-}'),
  ...noJson('a number with underscores', '{"userId":"u","a":1_000}'),
  ...noJson('a big integer', '{"userId":"u","a":1n}'),
  ...noJson('upper case', '{"userId":"u","a":TRUE}'),
  ...noJson('Python', '{"userId":"u","a":None}'),
  ...noJson('a raw line end in a string', '{"userId":"u\n"}'),
  ...noJson('a raw NUL in a string', '{"userId":"u\0"}'),
  ...noJson('a raw tab in a key', '{"user\tId":"u"}'),
  ...noJson('a NUL after the end', `${GOOD_EVENT}\0`),
  ...noJson('an unknown escape', '{"userId":"\\x41"}'),
  ...noJson('a cut escape', '{"userId":"\\u12"}'),
  ...noJson('an escape of nothing', '{"userId":"u\\'),
  ...noJson('the wrong bracket', '{"userId":["u"}'),
  ...noJson('a bracket too many', '{"userId":"u"}}'),
  ...noJson('a key that is no string', '{1:"u"}'),
  ...noJson('a prefix against hijacking', ")]}',\n{}"),
  ...noJson('two byte order marks', `\ufeff\ufeff${GOOD_EVENT}`),
  ...noJson('UTF-16 with its mark', Buffer.from(`\ufeff${GOOD_EVENT}`, 'utf16le')),
  ...noJson('UTF-16 without', Buffer.from(GOOD_EVENT, 'utf16le')),
  ...noJson('UTF-16, big end first', Buffer.from(`\ufeff${GOOD_EVENT}`, 'utf16le').swap16()),
  ...noJson('UTF-32', Buffer.from([...GOOD_EVENT].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0]))),
  ...noJson('UTF-7', '+AHs-+ACI-userId+ACI-:+ACI-u+ACI-+AH0-'),
  ...noJson('EBCDIC', Buffer.from('c07fa4a285996cc97f7a7fa47fd0', 'hex')),
  ...noJson('only 0xff', Buffer.alloc(100, 0xff)),
  ...noJson('only a byte order mark', '\ufeff'),
  body(
    'json: 4 MB of spaces and a letter',
    () => Buffer.concat([Buffer.alloc(4_000_000, ' '), Buffer.from('x')]),
    refused(400),
  ),
  body(
    'json: 4 MB of line ends and a letter',
    () => Buffer.concat([Buffer.alloc(4_000_000, '\n'), Buffer.from('x')]),
    refused(400),
  ),
  body(
    'json: 4 MB of digits and a letter',
    () => Buffer.concat([Buffer.alloc(4_000_000, '1'), Buffer.from('x')]),
    refused(400),
  ),
  body('json: 4 MB of one open string', () => Buffer.alloc(4_000_000, '"a', 'latin1'), refused(400)),
  body('json: a million open brackets', () => Buffer.alloc(1_000_000, '['), refused(400)),
  body('json: a million open objects', () => Buffer.from('{"a":'.repeat(800_000)), refused(400)),
  ...noJson('a list', '[]'),
  ...noJson('a list of events', `[${GOOD_EVENT}]`),
  ...noJson('a string', '"userId"'),
  ...noJson('an event in a string', JSON.stringify(GOOD_EVENT)),
  ...noJson('a number', '1'),
  ...noJson('null', 'null'),
  ...noJson('true', 'true'),
]

const cut = placesIn(GOOD_EVENT.length - 1, 30).map((at) =>
  body(`json: cut at character ${at}`, GOOD_EVENT.slice(0, at), refused(400)),
)

export const json: readonly BadInput[] = [...invalid, ...cut]
