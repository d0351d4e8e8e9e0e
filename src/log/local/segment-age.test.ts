import { expect, test } from 'vitest'
import { SimulatedClock } from '../../core/test/simulated-clock.ts'
import { SimulatedDisk } from '../../core/test/simulated-disk.ts'
import { afterPowerCuts, collectOn, dir, textsOn } from '../test/simulated-log.ts'
import { listSegments } from './layout.ts'

const HOUR = 60 * 60 * 1000

/** A log whose clock is in the test's hand. */
async function newLog() {
  const disk = new SimulatedDisk(1)
  const clock = new SimulatedClock()
  const log = await collectOn(disk, { clock })
  return { disk, clock, log }
}

/** The segments once all that the passing of time led to is done. */
async function segments(disk: SimulatedDisk): Promise<number[]> {
  await disk.settled()
  return listSegments(disk.start().files, dir)
}

test('a segment is closed an hour after its first record, though nothing more arrives', async () => {
  const { disk, clock, log } = await newLog()
  clock.pass(HOUR / 2)
  await log.append('a')
  clock.pass(HOUR / 2)
  await log.append('b')
  expect(await segments(disk)).toEqual([1])
  clock.pass(HOUR / 2 - 1)
  expect(await segments(disk)).toEqual([1])
  clock.pass(1)
  expect(await segments(disk)).toEqual([1, 3])
  expect(log.writer.stats()).toMatchObject({ segments: 2, head: 2, lastError: null })
  await log.append('c')
  for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(['a', 'b', 'c'])
})

test('an empty segment is never closed', async () => {
  const { disk, clock, log } = await newLog()
  for (let hours = 0; hours < 3; hours++) clock.pass(2 * HOUR)
  expect(await segments(disk)).toEqual([1])
  expect(log.writer.stats().segments).toBe(1)
  await log.append('a')
  for (let hours = 0; hours < 3; hours++) {
    clock.pass(2 * HOUR)
    await disk.settled()
  }
  expect(await segments(disk)).toEqual([1, 2])
})

test('what an earlier process wrote ages from the opening on', async () => {
  const { disk, clock, log } = await newLog()
  await log.append('a')
  await log.writer.close()
  await collectOn(disk, { clock })
  clock.pass(HOUR)
  expect(await segments(disk)).toEqual([1, 2])
})

test('a segment that could not be closed takes no more records, and is closed with the next append', async () => {
  const { disk, clock, log } = await newLog()
  await log.append('a')
  disk.fault = ({ name }) => (name === 'syncFolder' ? 'EIO' : undefined)
  clock.pass(HOUR)
  await disk.settled()
  expect(log.writer.stats()).toMatchObject({ segments: 1, lastError: expect.stringContaining('EIO') })
  disk.fault = undefined
  expect(await log.append('b')).toEqual({ first: 2, last: 2 })
  log.process.kill()
  await collectOn(disk)
  expect(await segments(disk)).toEqual([1, 2])
  expect(await textsOn(disk)).toEqual(['a', 'b'])
})

test('or an hour later', async () => {
  const { disk, clock, log } = await newLog()
  await log.append('a')
  disk.fault = ({ name }) => (name === 'create' ? 'ENOSPC' : undefined)
  clock.pass(HOUR)
  await disk.settled()
  disk.fault = undefined
  clock.pass(HOUR)
  expect(await segments(disk)).toEqual([1, 2])
})

test('closing does not wait for the hour', async () => {
  const { log } = await newLog()
  await log.append('a')
  await log.writer.close()
  await expect(log.append('b')).rejects.toMatchObject({ code: 'log_unwritable' })
})
