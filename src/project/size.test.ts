import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSize } from './size.ts'

describe('parseSize', () => {
  it.each([
    ['1B', 1],
    ['500MB', 5e8],
    ['20GB', 2e10],
    ['20 gb', 2e10],
    ['1.5GiB', 1_610_612_736],
    ['2TiB', 2 ** 41],
  ])('reads %s', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  it.each(['', '20', 'GB', '0GB', '-1GB', '1  GB', '1PB', '80%', '1e3MB', '9999999TB', '0.1B'])('refuses %j', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  )

  it('gives back what was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_000 }),
        fc.constantFrom('KB', 'MB', 'GB', 'KiB', 'MiB'),
        (amount, unit) => {
          expect(parseSize(`${amount}${unit}`)).toBe(amount * (parseSize(`1${unit}`) ?? 0))
        },
      ),
    )
  })
})
