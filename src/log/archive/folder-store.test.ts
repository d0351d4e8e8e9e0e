import { readdir, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { SimulatedDisk } from '../../core/test/simulated-disk.ts'
import { testFolder } from '../test/scratch.ts'
import { folderArchive } from './folder-store.ts'
import { archiveStoreContract } from './store.contract.ts'
import { readFile } from './store.ts'

archiveStoreContract('a folder', async () => {
  const dir = `${await testFolder()}/archive`
  return { store: folderArchive(dir), reopen: () => folderArchive(dir) }
})

test('what a killed process half wrote is not listed, and removed by the next one that writes', async () => {
  const dir = await testFolder()
  await writeFile(`${dir}/a.json.1234.tmp`, 'half')
  const store = folderArchive(dir)
  expect(await store.list('')).toEqual([])
  await store.write('b.json', Buffer.from('{}'))
  expect(await readdir(dir)).toEqual(['b.json'])
})

test('what was written, and what a list showed, outlives a power cut', async () => {
  for (let calls = 1; calls < 40; calls++) {
    const disk = new SimulatedDisk(calls)
    const killed = disk.start()
    killed.killAfter(calls)
    const written: string[] = []
    const store = folderArchive('/archive', killed.files)
    for (const name of ['imports/x/a.json', 'imports/x/b.json']) {
      await store.write(name, Buffer.from(name)).then(
        () => written.push(name),
        () => {}, // it was killed
      )
    }
    const shown = await folderArchive('/archive', disk.start().files).list('imports/x')
    expect(shown.map((name) => `imports/x/${name}`)).toEqual(expect.arrayContaining(written))
    for (let seed = 0; seed < 10; seed++) {
      const left = folderArchive('/archive', disk.afterPowerCut(seed).start().files)
      expect(await left.list('imports/x')).toEqual(shown)
      for (const name of shown) expect((await readFile(left, `imports/x/${name}`)).toString()).toBe(`imports/x/${name}`)
    }
  }
})
