import { expect, test } from 'vitest'
import { isMissing, type OpenFile } from '../files.ts'
import { SimulatedDisk } from './simulated-disk.ts'

const OLD = Buffer.alloc(10_000, 'o')
const NEW = Buffer.alloc(10_000, 'n')

/** A disk with a durable file `/file`, open. */
async function withFile(seed = 1): Promise<{ disk: SimulatedDisk; file: OpenFile }> {
  const disk = new SimulatedDisk(seed)
  const { files } = disk.start()
  const file = await files.open('/file', 'create')
  await file.write(OLD, 0)
  await file.sync()
  await files.syncFolder('/')
  return { disk, file }
}

/** What power cuts leave of a file; null where it is not there. */
function outcomes(disk: SimulatedDisk, path: string): (string | null)[] {
  return Array.from({ length: 60 }, (_, seed) => {
    try {
      return disk.afterPowerCut(seed).start().files.readSync(path).toString()
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  })
}

/** A text's bytes in a row: `o4096 n5904`. */
function runs(text: string | null): string {
  return (text ?? 'none').replace(/(.)\1*/gs, (run, letter) => `${letter === '\0' ? '0' : letter}${run.length} `).trim()
}

test('what was synced survives; a write that was not survives whole, in blocks in any order, or not at all', async () => {
  const { disk, file } = await withFile()
  expect(new Set(outcomes(disk, '/file').map(runs))).toEqual(new Set(['o10000']))
  await file.write(NEW, 0)
  const left = new Set(outcomes(disk, '/file').map(runs))
  expect([...left]).toEqual(expect.arrayContaining(['o10000', 'n10000']))
  const beginningOnly = /^n\d+ o\d+$/
  const laterWithoutEarlier = /^(?:n\d+ )?o\d+ n/
  for (const pattern of [beginningOnly, laterWithoutEarlier])
    expect([...left].some((one) => pattern.test(one))).toBe(true)
  await file.sync()
  expect(new Set(outcomes(disk, '/file').map(runs))).toEqual(new Set(['n10000']))
})

test('a file may have grown though what was written to it is lost', async () => {
  const { disk, file } = await withFile()
  await file.write(NEW, OLD.length)
  expect(outcomes(disk, '/file').map(runs)).toContainEqual(expect.stringMatching(/ 0\d+$/))
})

test('a truncation that was not synced may be lost', async () => {
  const { disk, file } = await withFile()
  await file.truncate(1)
  expect(new Set(outcomes(disk, '/file').map(runs))).toEqual(new Set(['o10000', 'o1']))
})

test('names are kept only by a sync of their folder', async () => {
  const disk = new SimulatedDisk(1)
  const { files } = disk.start()
  await using file = await files.open('/new', 'create')
  await file.write(Buffer.from('x'), 0)
  await file.sync()
  expect(new Set(outcomes(disk, '/new'))).toEqual(new Set([null, 'x']))
  await files.syncFolder('/')
  expect(new Set(outcomes(disk, '/new'))).toEqual(new Set(['x']))
  await files.rename('/new', '/renamed')
  expect(new Set(outcomes(disk, '/new'))).toEqual(new Set([null, 'x']))
  await files.syncFolder('/')
  await files.remove('/renamed')
  expect(new Set(outcomes(disk, '/renamed'))).toEqual(new Set([null, 'x']))
})

test('after a sync that failed the bytes can be read, but a later sync does not save them', async () => {
  const lost: boolean[] = []
  for (let seed = 0; seed < 10; seed++) {
    const { disk, file } = await withFile(seed)
    disk.fault = ({ name }) => (name === 'sync' ? 'EIO' : undefined)
    await file.write(NEW, 0)
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
    disk.fault = undefined
    await file.sync()
    expect(runs((await file.read(20_000, 0)).toString())).toBe('n10000')
    lost.push(outcomes(disk, '/file').every((text) => text?.includes('o')))
  }
  expect(new Set(lost)).toEqual(new Set([true, false]))
})

test('a full disk takes what fits', async () => {
  const { disk, file } = await withFile()
  disk.capacity = 10_100
  await expect(file.write(NEW, 5000)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(runs((await file.read(20_000, 0)).toString())).toBe('o5000 n5100')
})

test('power goes in the middle of a call, and a killed process does nothing more', async () => {
  const { disk, file } = await withFile()
  const { files } = disk.start()
  disk.cutPowerAfter(2)
  await file.write(NEW, 0)
  await expect(file.sync()).rejects.toThrow('the power is off')
  await expect(files.list('/')).rejects.toThrow('the power is off')
  const next = disk.afterPowerCut(1)
  const killed = next.start()
  killed.killAfter(1)
  await expect(killed.files.open('/other', 'create')).rejects.toThrow('killed')
  await expect(killed.files.list('/')).rejects.toThrow('killed')
  expect((await next.start().files.list('/')).sort()).toEqual(['file', 'other'])
})

test('a disk that lies loses what it said it kept', async () => {
  const { disk, file } = await withFile()
  disk.lie = 'fsync'
  await file.write(NEW, 0)
  await file.sync()
  expect(outcomes(disk, '/file').map(runs)).toContain('o10000')
  disk.lie = 'folder-sync'
  const { files } = disk.start()
  await files.remove('/file')
  await files.syncFolder('/')
  expect(outcomes(disk, '/file')).toContain(null)
  expect(outcomes(disk, '/file').filter((text) => text !== null).length).toBeGreaterThan(0)
})

test('a lock is held until its process unlocks it or dies', () => {
  const disk = new SimulatedDisk(1)
  const first = disk.start()
  const second = disk.start()
  const unlock = first.files.lock('/lock')
  expect(second.files.lock('/lock')).toBeUndefined()
  unlock?.()
  expect(second.files.lock('/lock')).toBeDefined()
  second.kill()
  expect(first.files.lock('/lock')).toBeDefined()
})
