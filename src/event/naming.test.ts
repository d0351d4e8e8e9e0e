import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnName, schemaName, snakeName, tableName } from './naming.ts'
import { RESERVED_WORDS, SYSTEM_COLUMNS } from './reserved-words.ts'

const MAX_BYTES = 63

describe('names in snake case', () => {
  test.each([
    ['Product Added', 'product_added'],
    ['camelCase', 'camel_case'],
    ['PascalCase', 'pascal_case'],
    ['XMLHttp', 'xml_http'],
    ['userID', 'user_id'],
    ['HTTPServer', 'http_server'],
    ['a.b-c/d', 'a_b_c_d'],
    ['a__b', 'a_b'],
    ['trailing_', 'trailing'],
    ["O'Brien", 'o_brien'],
    ['  spaced\tout\n', 'spaced_out'],
    ['SHOUT_CASE', 'shout_case'],
  ])('%j is %s', (name, expected) => {
    expect(snakeName(name)).toBe(expected)
  })

  test.each([
    ['abc123', 'abc123'],
    ['ABC123', 'abc123'],
    ['123abc', '_123abc'],
    ['1stOrder', '_1st_order'],
    ['abc123def', 'abc123_def'],
    ['a1B2', 'a1_b2'],
    ['utm 2024 Q1', 'utm_2024_q1'],
    ['1', '_1'],
    ['404 page', '_404_page'],
  ])('digits: %j is %s', (name, expected) => {
    expect(snakeName(name)).toBe(expected)
  })

  test.each([
    ['_private', '_private'],
    ['___a', '___a'],
    ['_1', '_1'],
    ['__proto__', '__proto'],
    ['_ a', '_a'],
  ])('leading underscores: %j is %s', (name, expected) => {
    expect(snakeName(name)).toBe(expected)
  })

  test.each([
    ['weiß', 'wei'],
    ['İstanbul', 'stanbul'],
    ['prénom', 'pr_nom'],
    ['📦 sent', 'sent'],
    ['a\u0000b', 'a_b'],
    ['a\ud800b', 'a_b'],
    ['ＡＢＣ a', 'a'],
  ])('what is not ASCII separates words: %j is %s', (name, expected) => {
    expect(snakeName(name)).toBe(expected)
  })

  test.each(['', ' ', '_', '日本', 'é', '📦', '!?'])('nothing is left of %j', (name) => {
    expect(snakeName(name)).toBeUndefined()
    expect(columnName(name)).toBeUndefined()
    expect(tableName(name)).toBeUndefined()
  })

  test.each([
    ['x'.repeat(63), 'x'.repeat(63)],
    ['x'.repeat(64), 'x'.repeat(63)],
    [`1${'x'.repeat(63)}`, `_1${'x'.repeat(61)}`],
    [`${'x'.repeat(63)}ß`, 'x'.repeat(63)],
  ])('cut to 63 bytes: %s', (name, expected) => {
    expect(snakeName(name)).toBe(expected)
    expect(columnName(name)).toBe(expected)
  })
})

describe('reserved words', () => {
  test.each(['order', 'Order', 'FROM', 'user', 'select', 'table', 'lambda', 'Qualify', 'new', 'between'])(
    '%s gets an underscore as column and table',
    (word) => {
      expect(columnName(word)).toBe(`_${word.toLowerCase()}`)
      expect(tableName(word)).toBe(`_${word.toLowerCase()}`)
    },
  )

  test.each(['date', 'timestamp', 'value', 'name', 'orders', 'user_name'])('%s does not', (word) => {
    expect(columnName(word)).toBe(word)
  })

  test.each(['tracks', 'Identifies', 'USERS', 'pages', 'screens', 'groups', 'aliases', 'accounts', 'discards'])(
    'an event called %s stays out of the table of that name',
    (event) => {
      expect(tableName(event)).toBe(`_${event.toLowerCase()}`)
      expect(columnName(event)).toBe(event.toLowerCase())
    },
  )
})

test.each([...SYSTEM_COLUMNS])('%s, which every table of Postgres has, gets an underscore as a column only', (name) => {
  expect(columnName(name.toUpperCase())).toBe(`_${name}`)
  expect(tableName(name)).toBe(name)
})

describe('schemas of sources', () => {
  test.each([
    ['web', 'web'],
    ['web__eu', 'web__eu'],
    ['abc123def', 'abc123def'],
    ['my shop', 'my_shop'],
    ['MyShop', 'my_shop'],
    ['order', '_order'],
    ['1shop', '_1shop'],
    ['日本', 'stringempty'],
  ])('%s is %s', (source, expected) => {
    expect(schemaName(source)).toBe(expected)
  })
})

describe('whatever the name', () => {
  const pieces = fc.constantFrom(
    'a',
    'B',
    'Z9',
    '0',
    '42',
    '_',
    ' ',
    '.',
    "'",
    'ß',
    'İ',
    '📦',
    '\u0000',
    'select',
    'ID',
  )
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
  )

  test('it can stand unquoted and fits', () => {
    fc.assert(
      fc.property(names, (name) => {
        for (const result of [columnName(name), tableName(name)]) {
          if (result === undefined) continue
          expect(result).toMatch(/^[a-z_][a-z0-9_]*$/)
          expect(Buffer.byteLength(result)).toBeLessThanOrEqual(MAX_BYTES)
          expect(RESERVED_WORDS.has(result)).toBe(false)
          expect(result === columnName(name) && SYSTEM_COLUMNS.has(result)).toBe(false)
        }
      }),
    )
  })

  test('every ASCII letter and digit is kept, in order', () => {
    fc.assert(
      fc.property(names, (name) => {
        const kept = name.replace(/[^A-Za-z0-9]/g, '').toLowerCase()
        expect((snakeName(name) ?? '').replaceAll('_', '').startsWith(kept.slice(0, 20))).toBe(true)
      }),
    )
  })

  test('a name stays what it is', () => {
    fc.assert(
      fc.property(names, (name) => {
        const once = snakeName(name)
        fc.pre(once !== undefined && once.length < MAX_BYTES)
        expect(snakeName(once)).toBe(once)
      }),
    )
  })
})
