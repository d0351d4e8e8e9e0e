import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearest, suggest } from './suggest.ts'

const KEYS = ['materialize', 'description', 'dialect', 'refresh', 'tags', 'send']

describe('nearest', () => {
  it.each([
    ['materialise', 'materialize'],
    ['Materialize', 'materialize'],
    ['referesh', 'refresh'],
    ['refrehs', 'refresh'],
    ['tag', 'tags'],
    ['sned', 'send'],
    ['colour', undefined],
    ['', undefined],
  ])('finds for %j %j', (word, expected) => expect(nearest(word, KEYS)).toBe(expected))

  it('finds a known word for itself, and for itself with letters swapped', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), fc.nat(), (word, at) => {
        const i = at % (word.length - 1)
        const swapped = word.slice(0, i) + word.charAt(i + 1) + word.charAt(i) + word.slice(i + 2)
        expect(nearest(word, KEYS)).toBe(word)
        expect(nearest(swapped, KEYS)).toBe(word)
      }),
    )
  })
})

describe('suggest', () => {
  it('lists what there is where nothing is near', () =>
    expect(suggest('x', ['dev', 'prod'])).toBe('there are: dev, prod'))
  it('says nothing where there is nothing', () => expect(suggest('x', [])).toBe(''))
})
