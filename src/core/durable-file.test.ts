import { expect, test } from 'vitest'
import { makeFolder, writeDurably } from './durable-file.ts'
import { isMissing } from './files.ts'
import { SimulatedDisk } from './test/simulated-disk.ts'

/** What a file holds after each of many power cuts; undefined where it is not there. */
function leftOf(disk: SimulatedDisk, path: string): Set<string | undefined> {
  const disks = Array.from({ length: 30 }, (_, seed) => disk.afterPowerCut(seed))
  return new Set(disks.map((left) => contentOf(left, path)))
}

function contentOf(disk: SimulatedDisk, path: string): string | undefined {
  try {
    return disk.start().files.readSync(path).toString()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

test('a file that was replaced durably survives a power cut, with folders that were made for it', async () => {
  const disk = new SimulatedDisk(1)
  const { files } = disk.start()
  await writeDurably('/a/b/c', 'old', { files })
  await writeDurably('/a/b/c', 'new', { files })
  expect(leftOf(disk, '/a/b/c')).toEqual(new Set(['new']))
})

test('a power cut in the middle leaves the old content or the new', async () => {
  for (let changes = 1; ; changes++) {
    const disk = new SimulatedDisk(changes)
    const { files } = disk.start()
    await writeDurably('/a/b', 'old', { files })
    disk.cutPowerAfter(changes)
    const done = await writeDurably('/a/b', 'new', { files }).then(
      () => true,
      () => false,
    )
    for (const content of leftOf(disk, '/a/b')) expect(['old', 'new']).toContain(content)
    if (done) return
  }
})

test('a folder that a killed process left behind is made durable too', async () => {
  for (let calls = 1; calls < 20; calls++) {
    const disk = new SimulatedDisk(calls)
    const killed = disk.start()
    killed.killAfter(calls)
    await makeFolder('/a/b', killed.files).catch(() => undefined)
    const { files } = disk.start()
    await writeDurably('/a/b/c', 'kept', { files })
    expect(leftOf(disk, '/a/b/c')).toEqual(new Set(['kept']))
  }
})

test('a write that fails leaves nothing behind', async () => {
  const disk = new SimulatedDisk(1)
  const { files } = disk.start()
  disk.capacity = 3
  await expect(writeDurably('/a', 'four', { files })).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await files.list('/')).toEqual([])
})
