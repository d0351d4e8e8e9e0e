import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.ts'

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['036h', 129_600_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it.each(['', '7', 'd', '0s', '1.5h', '-1d', '1 d', '1D', '1w', ' 1d', '1d\n', `${'9'.repeat(20)}d`, '1constructor'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  )

  it('gives back what was written', () => {
    const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom('s', 'm', 'h', 'd'), (amount, unit) => {
        expect((parseDuration(`${amount}${unit}`) ?? 0) / units[unit]).toBe(amount)
      }),
    )
  })
})
