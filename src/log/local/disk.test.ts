import { expect, test } from 'vitest'
import { testFolder, testWriter, textsIn } from '../test/scratch.ts'
import { archiveSegments } from './archive.ts'
import { type Disk, systemDisk } from './disk.ts'
import { openLogWriter } from './writer.ts'

const entries = (...texts: string[]) => texts.map((text) => ({ key: text, payload: Buffer.from(text) }))

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code })
}

/** A disk whose next calls of a kind fail as often as set. */
function failingDisk(): Disk & { failures: { write: number; sync: number }; code: string } {
  const failures = { write: 0, sync: 0 }
  return {
    failures,
    code: 'ENOSPC',
    async write(file, bytes, position) {
      if (failures.write-- > 0) {
        await systemDisk.write(file, bytes.subarray(0, bytes.length / 2), position)
        throw systemError(this.code)
      }
      await systemDisk.write(file, bytes, position)
    },
    async sync(file) {
      if (failures.sync-- > 0) throw systemError(this.code)
      await systemDisk.sync(file)
    },
  }
}

test.each([
  ['write', 'ENOSPC', 'log_full'],
  ['write', 'EIO', 'log_unwritable'],
  ['sync', 'EDQUOT', 'log_full'],
  ['sync', 'EIO', 'log_unwritable'],
] as const)(
  'a failing %s (%s) rejects, leaves nothing behind, and the next append works',
  async (call, system, code) => {
    const dir = await testFolder()
    const disk = failingDisk()
    disk.code = system
    const writer = await testWriter({ dir, disk })
    await writer.append(entries('a'))
    disk.failures[call] = 1
    await expect(writer.append(entries('lost', 'lost too'))).rejects.toMatchObject({ code })
    expect(writer.stats()).toMatchObject({ head: 1, lastError: expect.stringContaining(system) })
    expect(await writer.append(entries('b'))).toEqual({ first: 2, last: 2 })
    await writer.close()
    expect(await textsIn(dir)).toEqual(['a', 'b'])
    await testWriter({ dir })
    expect(await textsIn(dir)).toEqual(['a', 'b'])
  },
)

test('what was numbered after a failed append fails with it, and numbering goes on without a gap', async () => {
  const dir = await testFolder()
  const disk = failingDisk()
  const writer = await testWriter({ dir, disk })
  disk.failures.write = 1
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((text) => writer.append(entries(text))))
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(await writer.append(entries('d', 'e'))).toEqual({ first: 1, last: 2 })
  expect(await textsIn(dir)).toEqual(['d', 'e'])
})

test('a disk that cannot even be brought back makes the writer refuse everything', async () => {
  const dir = await testFolder()
  const disk = failingDisk()
  const writer = await testWriter({ dir, disk })
  await writer.append(entries('a'))
  disk.failures.sync = 2
  const failures = await Promise.allSettled([writer.append(entries('x')), writer.append(entries('y'))])
  expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(writer.append(entries('z'))).rejects.toMatchObject({ code: 'log_unwritable' })
  await writer.close()
  expect(await textsIn(dir)).toEqual(['a'])
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
  const disk: Disk = { ...systemDisk, write: () => new Promise(() => undefined) }
  const writer = await openLogWriter({ dir: await testFolder(), maxDiskBytes: 1e12, disk })
  const payload = Buffer.alloc(60 * 1024 * 1024)
  for (let n = 0; n < 4; n++) writer.append([{ key: '', payload }]).catch(() => undefined)
  await expect(writer.append([{ key: '', payload }])).rejects.toMatchObject({ code: 'log_busy' })
})
