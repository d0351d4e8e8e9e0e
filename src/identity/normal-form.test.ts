import { expect, test } from 'vitest'
import { normalFormOf, phoneNumber } from './normal-form.ts'
import { NormalForms } from './normal-forms.ts'

test.each([
  ['+49 (30) 90 18 20', undefined, '+4930901820'],
  ['0049 30 901820', undefined, '+4930901820'],
  ['030/901820', 'DE', '+4930901820'],
  [' (650) 253-0000 ', 'US', '+16502530000'],
  ['+1 650-253-0000 ext. 12', 'DE', '+16502530000'],
  // Arabic-Indic and full-width digits are digits.
  ['+٤٩٣٠٩٠١٨٢٠', undefined, '+4930901820'],
  ['030 901820', undefined, null],
  // One of Bristol, which Germany has not.
  ['0117 4960619', 'DE', null],
  ['+44 117 496 0619', 'DE', '+441174960619'],
  ['call me', 'DE', null],
  ['12', 'DE', null],
  ['', 'DE', null],
])('%j of %s is %s', (raw, country, expected) => {
  expect(phoneNumber(raw, country)).toBe(expected)
})

test('a very long number is none', () => {
  expect(phoneNumber(`+49${'1'.repeat(10_000)}`, undefined)).toBeNull()
})

test('an expression gives the value; where it fails or gives nothing, the text names nobody', async () => {
  const form = normalFormOf({ expression: '$contains($, "x") ? $error("no") : $uppercase($substringBefore($, "-"))' })
  expect([await form('ab-1'), await form('x'), await form('-1')]).toEqual(['AB', null, null])
})

test('threads give what one gives, at the same places', async () => {
  await using forms = new NormalForms({
    name: 'phone',
    entity: 'user',
    normalize: 'phone',
    country: 'DE',
    limit: 5,
    sharedAbove: 10,
    blocked: [],
  })
  const raws = Array.from({ length: 12_345 }, (_, n) => (n % 7 === 0 ? 'nobody' : `030 ${100_000 + n}`))
  const expected = raws.map((raw) => phoneNumber(raw, 'DE'))
  expect(await forms.of(raws)).toEqual(expected)
  expect(await forms.of(raws.slice(0, 10))).toEqual(expected.slice(0, 10))
})
