import { describe, expect, test } from 'vitest'
import { convert } from './convert.ts'
import { type ColumnType, columnValue } from './value.ts'

const converted = (value: unknown, to: ColumnType) => {
  const typed = columnValue(value)
  return typed && convert(typed, to)?.value
}

const MIDNIGHT = '2026-01-02'
const NOON = '2026-01-02T12:00:00+02:00'

describe('into the type of a column that exists', () => {
  test.each<readonly [ColumnType, unknown, unknown]>([
    ['string', 'a', 'a'],
    ['string', 7, '7'],
    ['string', 0.1, '0.1'],
    ['string', 1e21, '1e+21'],
    ['string', -0, '0'],
    ['string', false, 'false'],
    ['string', NOON, NOON],
    ['string', MIDNIGHT, MIDNIGHT],
    ['string', ['a', 1], '["a",1]'],
    ['float', 7, 7],
    ['float', 7.5, 7.5],
    ['int', 7, 7],
    ['boolean', true, true],
    ['datetime', NOON, '2026-01-02T10:00:00.000Z'],
    ['date', MIDNIGHT, MIDNIGHT],
    ['json', 'a', '"a"'],
    ['json', 7, '7'],
    ['json', ['a', 1], '["a",1]'],
    ['json', '["a",1]', '"[\\"a\\",1]"'],
    ['json', NOON, `"${NOON}"`],
  ])('%s takes %j as %j', (to, value, expected) => {
    expect(converted(value, to)).toBe(expected)
  })

  test.each<readonly [ColumnType, unknown]>([
    ['int', 7.5],
    ['int', 1e300],
    ['int', '7'],
    ['int', true],
    ['int', MIDNIGHT],
    ['float', '7.5'],
    ['float', MIDNIGHT],
    ['boolean', 1],
    ['boolean', 'true'],
    ['datetime', 'today'],
    ['datetime', 1767322800000],
    ['date', NOON],
    ['date', 'today'],
    ['other', 'a'],
  ])('%s does not take %j', (to, value) => {
    expect(converted(value, to)).toBeUndefined()
  })
})
