import { describe, expect, test } from 'vitest'
import { fieldsOf, readBody } from './body.ts'

async function read(body: string | Uint8Array<ArrayBuffer>, type: string | null = null): Promise<unknown> {
  return JSON.parse(await readBody(typeof body === 'string' ? new TextEncoder().encode(body) : body, type))
}

async function multipart(form: FormData): Promise<unknown> {
  const response = new Response(form)
  return read(await response.bytes(), response.headers.get('content-type'))
}

const FORM = 'application/x-www-form-urlencoded'

describe('JSON', () => {
  test.each<[string, string | null, unknown]>([
    ['{"a":1}', 'application/json', { a: 1 }],
    ['[{"a":1},{"a":2}]', 'application/json; charset=utf-8', [{ a: 1 }, { a: 2 }]],
    ['"O’Brien 🦊"', null, 'O’Brien 🦊'],
    ['null', 'text/plain', null],
    ['\ufeff{"a":1}', 'application/json', { a: 1 }],
    ['{"a":1}', FORM, { a: 1 }],
    [' [1]', FORM, [1]],
  ])('%s as %s', async (body, type, expected) => {
    expect(await read(body, type)).toEqual(expected)
  })

  test.each([
    ['{"a":1,}', 'unexpected "}" at position 7'],
    ['', 'it ends too early at position 0'],
    ['a=1', 'unexpected "a" at position 0'],
  ])('%j is refused with the place', async (body, message) => {
    const malformed = { code: 'request_malformed', message: expect.stringContaining(message) }
    await expect(read(body, 'application/json')).rejects.toMatchObject(malformed)
  })

  test('nesting that is too deep for most is read', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(await readBody(new TextEncoder().encode(deep), null)).toBe(deep)
  })
})

describe('forms', () => {
  test('give their fields as texts', async () => {
    const body = 'name=O%27Brien+%F0%9F%A6%8A&n=1&empty=&tag=a&tag=b&__proto__=x'
    const expected = JSON.parse('{"name":"O\'Brien 🦊","n":"1","empty":"","tag":["a","b"],"__proto__":"x"}')
    expect(await read(body, `${FORM}; charset=utf-8`)).toEqual(expected)
  })

  test('of several parts give theirs, without files', async () => {
    const form = new FormData()
    form.append('from', 'O’Brien 🦊 <ob@example.com>')
    form.append('tag', 'a')
    form.append('tag', 'b')
    form.append('attachment', new Blob(['secret']), 'a.txt')
    expect(await multipart(form)).toEqual({ from: 'O’Brien 🦊 <ob@example.com>', tag: ['a', 'b'] })
  })

  test.each(['multipart/form-data', 'multipart/form-data; boundary=x'])('%s that is none is refused', async (type) => {
    await expect(read('nothing of the kind', type)).rejects.toMatchObject({ code: 'request_malformed' })
  })
})

test('a name that comes often gives all its texts', () => {
  expect(fieldsOf(new URLSearchParams('a=1&b=2&a=3&a='))).toEqual({ a: ['1', '3', ''], b: '2' })
})
