import fc from 'fast-check'
import { expect, test } from 'vitest'
import { patient, runs } from '../../src/core/test/patience.ts'
import { playHistory } from './history.ts'

test('however a log is cut into loads, and wherever the loader dies, the tables are those of one load', {
  timeout: patient(120_000),
}, async () => {
  const property = fc.asyncProperty(fc.noShrink(fc.nat(2 ** 31)), async (seed) => {
    expect((await playHistory({ seed })).violation).toBeUndefined()
  })
  await fc.assert(property, { numRuns: runs(4), endOnFailure: true })
})

test('the test above can fail: it does when the position is committed before the rows', {
  timeout: 60_000,
}, async () => {
  const violations: string[] = []
  for (let seed = 1; violations.length === 0 && seed < 30; seed++) {
    violations.push(...[(await playHistory({ seed, offsetFirst: true })).violation ?? []].flat())
  }
  expect(violations).not.toEqual([])
})
