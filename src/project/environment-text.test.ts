// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is read here
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mask, resolve, unmask } from './environment-text.ts'

const VARIABLES = { KEY: 'value', EMPTY: '', DOLLAR: '${KEY}' }
const read = (text: string) => resolve(mask(text), VARIABLES)

describe('resolve', () => {
  it.each([
    ['plain', 'plain'],
    ['${KEY}', 'value'],
    ['a-${KEY}-${KEY}', 'a-value-value'],
    ['$${KEY}', '${KEY}'],
    ['$${', '${'],
    ['$$', '$$'],
    ['cost: $5 {x}', 'cost: $5 {x}'],
    ['${DOLLAR}', '${KEY}'],
  ])('reads %j as %j', (text, expected) => expect(read(text)).toMatchObject({ text: expected, missing: [] }))

  it.each([
    ['${NONE}', ['NONE']],
    ['${EMPTY}', ['EMPTY']],
    ['${constructor}-${KEY}-${NONE}', ['constructor', 'NONE']],
  ])('keeps %j as written, for %j are missing', (text, missing) =>
    expect(read(text)).toMatchObject({ text, missing, fromEnvironment: true }),
  )

  it.each(['${', '${}', '${1A}', '${A-B}', '${A', 'x${ A }'])('says that %j is malformed', (text) =>
    expect(read(text).malformed).toBe(true),
  )

  it('masks without moving anything', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', 'A', '${A}', '\n', 'x')), (parts) => {
        const text = parts.join('')
        expect(mask(text)).toHaveLength(text.length)
        expect(unmask(mask(text))).toBe(text)
      }),
    )
  })
})
