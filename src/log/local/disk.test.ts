import { expect, test } from 'vitest'
import { SimulatedDisk } from '../../core/test/simulated-disk.ts'
import type { Call } from '../../core/test/simulated-files.ts'
import { testFolder, testWriter } from '../test/scratch.ts'
import { afterPowerCuts, collectOn, dir, textsOn } from '../test/simulated-log.ts'
import { archiveSegments } from './archive.ts'

/** Fails a segment's calls of one kind, as often as set. */
function failing(name: Call['name'], code: string, times = 1): SimulatedDisk['fault'] {
  let left = times
  return (call) => (call.name === name && call.path.endsWith('.log') && left-- > 0 ? code : undefined)
}

test.each([
  ['write', 'ENOSPC', 'log_full'],
  ['write', 'EIO', 'log_unwritable'],
  ['sync', 'EDQUOT', 'log_full'],
  ['sync', 'EIO', 'log_unwritable'],
] as const)(
  'a failing %s (%s) rejects, leaves nothing behind, and the next append works',
  async (name, system, code) => {
    const disk = new SimulatedDisk(1)
    const { writer, append } = await collectOn(disk)
    await append('a')
    disk.fault = failing(name, system)
    await expect(append('lost', 'lost too')).rejects.toMatchObject({ code })
    expect(writer.stats()).toMatchObject({ head: 1, lastError: expect.stringContaining(system) })
    expect(await append('b')).toEqual({ first: 2, last: 2 })
    expect(await textsOn(disk)).toEqual(['a', 'b'])
    for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(['a', 'b'])
  },
)

test('what was numbered after a failed append fails with it, and numbering goes on without a gap', async () => {
  const disk = new SimulatedDisk(1)
  const { append } = await collectOn(disk)
  disk.fault = failing('write', 'EIO')
  const first = append('a')
  await Promise.resolve()
  const outcomes = await Promise.allSettled([first, append('b'), append('c')])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(await append('d', 'e')).toEqual({ first: 1, last: 2 })
  expect(await textsOn(disk)).toEqual(['d', 'e'])
})

test('appends beyond the disk budget are refused until segments are deleted', async () => {
  const dir = await testFolder()
  const writer = await testWriter({ dir, maxDiskBytes: 1000 })
  const payload = Buffer.alloc(100, 'x')
  const append = () => writer.append([{ key: '', payload }])
  for (let n = 0; n < 8; n++) await append()
  const refusal = { code: 'log_full', message: expect.stringContaining('960 of the 1000 bytes') }
  await expect(append()).rejects.toMatchObject(refusal)
  await archiveSegments({ dir, through: 1 })
  await expect(append()).rejects.toMatchObject(refusal)
  await archiveSegments({ dir, through: 8 })
  expect(await append()).toEqual({ first: 9, last: 9 })
})

test('when too much waits, more is refused at once', async () => {
  const disk = new SimulatedDisk(1)
  const { writer, process } = await collectOn(disk)
  const stuck = disk.start({ computes: true })
  await stuck.files.list(dir)
  const payload = Buffer.alloc(60 * 1024 * 1024)
  const waiting = [1, 2, 3, 4].map(() => writer.append([{ key: '', payload }]))
  await expect(writer.append([{ key: '', payload }])).rejects.toMatchObject({ code: 'log_busy' })
  process.kill()
  stuck.kill()
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
})
