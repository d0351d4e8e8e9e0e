import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../core/test/patience.ts'
import { findJsonFault } from './json-fault.ts'

test.each([
  ['', 0],
  ['  ', 2],
  ['xyz', 0],
  ['{"batch":[1,2,}', 14],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['{a:1}', 1],
  ['[1 2]', 3],
  ['[1}', 2],
  ['{"a":1]', 6],
  ['{"a":1}}', 7],
  ['[1,2', 4],
  ['"open', 5],
  ['"a\nb"', 2],
  ['"\\x"', 1],
  ['"\\u12g4"', 1],
  ['01', 1],
  ['1.', 1],
  ['-', 0],
  ['nul', 0],
  ["{'a':1}", 1],
  ['NaN', 0],
])('%j is faulty at %d', (text, offset) => {
  expect(findJsonFault(text)).toMatchObject({ offset })
})

test('line and column count from 1', () => {
  expect(findJsonFault('{\n  "a": 1,\n  b\n}')).toEqual({ offset: 14, line: 3, column: 3 })
  expect(findJsonFault('x')).toEqual({ offset: 0, line: 1, column: 1 })
})

test('a hostile depth is no trouble', () => {
  expect(findJsonFault('['.repeat(1_000_000))).toMatchObject({ offset: 1_000_000 })
})

test('it agrees with JSON.parse on what is JSON', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '}', ']', ',', ':', '\\', '\u0007', '1', 'e', '\u2028', ' '))
    .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1))
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
      const fault = findJsonFault(text)
      expect(fault === undefined).toBe(parses(text))
      if (fault !== undefined) expect(fault.offset).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: runs(800) },
  )
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
