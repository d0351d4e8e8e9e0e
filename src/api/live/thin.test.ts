import fc from 'fast-check'
import { expect, test } from 'vitest'
import { thin } from './thin.ts'

const sum = (items: readonly { readonly skipped: number }[]) => items.reduce((all, { skipped }) => all + 1 + skipped, 0)

test('few items stay as they are', () => {
  const items = [{ skipped: 3 }, { skipped: 0 }]
  expect(thin(items, 2)).toEqual(items)
})

test('of many some stay, evenly spread, and each counts those before it', () => {
  const items = Array.from({ length: 10 }, (_, index) => ({ index, skipped: 0 }))
  expect(thin(items, 3)).toEqual([
    { index: 3, skipped: 3 },
    { index: 6, skipped: 2 },
    { index: 9, skipped: 2 },
  ])
})

test('none is lost from the count, the last stays, and gaps differ by one', () => {
  const counts = fc.array(fc.nat(1000), { minLength: 1, maxLength: 500 })
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 100 }), (skips, most) => {
      const items = skips.map((skipped, index) => ({ index, skipped }))
      const kept = thin(items, most)
      expect(kept).toHaveLength(Math.min(most, items.length))
      expect(sum(kept)).toBe(sum(items))
      expect(kept.at(-1)?.index).toBe(items.length - 1)
      const gaps = kept.map(({ index }, place) => index - (kept[place - 1]?.index ?? -1))
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1)
    }),
  )
})
