import fc from 'fast-check'
import { expect, test } from 'vitest'
import { patient, runs } from '../../core/test/patience.ts'
import type { Lie } from '../../core/test/simulated-disk.ts'
import { playHistory } from '../test/power-cuts/history.ts'

test('whenever the power is cut, all that was acknowledged is kept', { timeout: patient(60_000) }, async () => {
  const property = fc.asyncProperty(fc.noShrink(fc.nat(2 ** 31)), async (seed) => {
    expect((await playHistory(seed)).violation).toBeUndefined()
  })
  await fc.assert(property, { numRuns: runs(20), endOnFailure: true })
})

async function violations(lie: Lie): Promise<string[]> {
  const histories = []
  for (let seed = 1; seed <= 10; seed++) histories.push(await playHistory(seed, lie))
  return histories.flatMap(({ violation }) => violation ?? [])
}

test('the test above can fail: it does when files are not synced', async () => {
  expect(await violations('fsync')).not.toEqual([])
})

test('and when folders are not synced', async () => {
  expect(await violations('folder-sync')).not.toEqual([])
})
