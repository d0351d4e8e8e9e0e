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
  ['write', 'EROFS', 'log_unwritable'],
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

test('a disk that cannot even be brought back refuses all, until it is well again', async () => {
  const disk = new SimulatedDisk(1)
  const { append } = await collectOn(disk)
  await append('a')
  disk.fault = ({ name }) => (name === 'sync' ? 'EIO' : undefined)
  const outcomes = await Promise.allSettled([append('x'), append('y')])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(append('z')).rejects.toMatchObject({ code: 'log_unwritable' })
  expect(await textsOn(disk)).toEqual(['a'])
  disk.fault = undefined
  expect(await append('b')).toEqual({ first: 2, last: 2 })
  for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(['a', 'b'])
})

test.each(['create', 'syncFolder'] as const)('a segment that cannot be started (%s) is started later', async (call) => {
  const disk = new SimulatedDisk(1)
  const { append } = await collectOn(disk, { segmentBytes: 1 })
  await append('a')
  disk.fault = ({ name }) => (name === call ? 'ENOSPC' : undefined)
  await expect(append('lost')).rejects.toMatchObject({ code: 'log_full' })
  disk.fault = undefined
  expect(await append('b')).toEqual({ first: 2, last: 2 })
  for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(['a', 'b'])
})

test('a full disk keeps what it has, and the log goes on when there is room', async () => {
  const disk = new SimulatedDisk(1)
  const { append } = await collectOn(disk)
  disk.capacity = 1000
  const texts = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(150))
  for (const text of texts) await append(text)
  await expect(append('x'.repeat(150))).rejects.toMatchObject({ code: 'log_full' })
  expect(await textsOn(disk)).toEqual(texts)
  disk.capacity = 2000
  expect(await append('f')).toEqual({ first: 6, last: 6 })
  expect(await textsOn(disk)).toEqual([...texts, 'f'])
})

test('a full disk does not keep the log from being opened', async () => {
  const disk = new SimulatedDisk(1)
  const { process, append } = await collectOn(disk)
  await append('a')
  process.kill()
  disk.capacity = 0
  const again = await collectOn(disk)
  await expect(again.append('lost')).rejects.toMatchObject({ code: 'log_full' })
  expect(await textsOn(disk)).toEqual(['a'])
})

test('a disk that turned read-only is named, can be read, and is written when it may be', async () => {
  const disk = new SimulatedDisk(1)
  const { append, process } = await collectOn(disk)
  await append('a')
  disk.readOnly = true
  const hint = expect.stringContaining('read-only')
  await expect(append('lost')).rejects.toMatchObject({ code: 'log_unwritable', hint })
  expect(await textsOn(disk)).toEqual(['a'])
  disk.readOnly = false
  expect(await append('b')).toEqual({ first: 2, last: 2 })
  process.kill()
  disk.readOnly = true
  await expect(collectOn(disk)).rejects.toMatchObject({ code: 'log_unwritable', hint })
  disk.readOnly = false
  expect((await collectOn(disk)).writer.stats()).toMatchObject({ head: 2 })
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
  const payload = Buffer.alloc(15 * 1024 * 1024)
  const waiting = [1, 2, 3, 4].map(() => writer.append([{ key: '', payload }]))
  await expect(writer.append([{ key: '', payload }])).rejects.toMatchObject({ code: 'log_busy' })
  process.kill()
  stuck.kill()
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
})
