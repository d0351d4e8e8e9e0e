import { describe, expect, test } from 'vitest'
import { type Files, readWhole } from './files.ts'

/** What every implementation of `Files` does; `open` gives an empty folder. */
export function filesContract(name: string, open: () => Promise<{ files: Files; folder: string }>): void {
  async function write(files: Files, path: string, text: string): Promise<void> {
    await using file = await files.open(path, 'extend')
    await file.write(Buffer.from(text), 0)
    await file.sync()
  }

  describe(`${name} as files`, () => {
    test('bytes are written and read at a position', async () => {
      const { files, folder } = await open()
      await using file = await files.open(`${folder}/a`, 'create')
      await file.write(Buffer.from('hello'), 0)
      await file.write(Buffer.from('XY'), 6)
      file.writeSync(Buffer.from('J'), 0)
      expect(await file.size()).toBe(8)
      expect((await file.read(100, 1)).toString()).toBe('ello\0XY')
      await file.truncate(3)
      await file.truncate(4)
      await file.sync()
      expect((await readWhole(files, `${folder}/a`)).toString()).toBe('Jel\0')
      expect(files.readSync(`${folder}/a`).toString()).toBe('Jel\0')
    })

    test('a file is extended, or must be new, or must exist', async () => {
      const { files, folder } = await open()
      await expect(files.open(`${folder}/a`, 'read')).rejects.toMatchObject({ code: 'ENOENT' })
      await write(files, `${folder}/a`, 'one')
      await write(files, `${folder}/a`, 'two')
      await expect(files.open(`${folder}/a`, 'create')).rejects.toMatchObject({ code: 'EEXIST' })
      expect(files.readSync(`${folder}/a`).toString()).toBe('two')
    })

    test('names are listed, replaced and removed', async () => {
      const { files, folder } = await open()
      for (const name of ['a', 'b', 'c']) await write(files, `${folder}/${name}`, name)
      await files.rename(`${folder}/a`, `${folder}/b`)
      await files.remove(`${folder}/c`)
      await files.remove(`${folder}/c`)
      await files.syncFolder(folder)
      expect(await files.list(folder)).toEqual(['b'])
      expect(files.readSync(`${folder}/b`).toString()).toBe('a')
    })

    test('a removed file can be read by whoever has it open', async () => {
      const { files, folder } = await open()
      await write(files, `${folder}/a`, 'still here')
      await using file = await files.open(`${folder}/a`, 'read')
      await files.remove(`${folder}/a`)
      expect((await file.read(100, 0)).toString()).toBe('still here')
    })

    test('a folder is made in one that exists, once', async () => {
      const { files, folder } = await open()
      await expect(files.makeFolder(`${folder}/a/b`)).rejects.toMatchObject({ code: 'ENOENT' })
      await files.makeFolder(`${folder}/a`)
      await files.makeFolder(`${folder}/a`)
      await write(files, `${folder}/a/b`, 'x')
      await expect(files.list(`${folder}/a/b`)).rejects.toMatchObject({ code: 'ENOTDIR' })
      await expect(files.list(`${folder}/none`)).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })
}
