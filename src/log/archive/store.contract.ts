import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type ArchiveStore, readFile } from './store.ts'

/** What every store of an archive does. `openNew` gives an empty one; `reopen` opens the same one again. */
export function archiveStoreContract(
  name: string,
  openNew: () => Promise<{ readonly store: ArchiveStore; readonly reopen: () => ArchiveStore }>,
): void {
  const text = (content: string) => Buffer.from(content)

  describe(`${name} as an archive store`, () => {
    test('one that was never written to is empty', async () => {
      const { store } = await openNew()
      expect(await store.list('')).toEqual([])
      expect(await store.list('imports')).toEqual([])
      await store.remove('a.json')
      await store.remove('imports/x/a.json')
    })

    test('files come back as they were written, also to another process', async () => {
      const { store, reopen } = await openNew()
      await store.write('a.json', text('first'))
      await store.write('a.json', text('second'))
      await store.write('imports/x/b.json', text('deep'))
      for (const each of [store, reopen()]) {
        expect((await readFile(each, 'a.json')).toString()).toBe('second')
        expect((await readFile(each, 'imports/x/b.json')).toString()).toBe('deep')
      }
    })

    test.each([0, 1, 5_000_000])('%d bytes', async (length) => {
      const { store } = await openNew()
      const content = randomBytes(length)
      await store.write('some.bin', content)
      expect((await readFile(store, 'some.bin')).equals(content)).toBe(true)
    })

    test('a list has the files and folders directly in a folder, in order', async () => {
      const { store, reopen } = await openNew()
      for (const file of [
        'b.json',
        'a.json',
        'imports/1.json',
        'imports/y/2.json',
        'imports/y/1.json',
        'imports/x/1.json',
      ]) {
        await store.write(file, text('{}'))
      }
      for (const each of [store, reopen()]) {
        expect(await each.list('')).toEqual(['a.json', 'b.json', 'imports'])
        expect(await each.list('imports')).toEqual(['1.json', 'x', 'y'])
        expect(await each.list('imports/y')).toEqual(['1.json', '2.json'])
        expect(await each.list('import')).toEqual([])
      }
    })

    test('what is removed is gone', async () => {
      const { store, reopen } = await openNew()
      await store.write('imports/x/a.json', text('a'))
      await store.write('imports/x/b.json', text('b'))
      await store.remove('imports/x/a.json')
      expect(await reopen().list('imports/x')).toEqual(['b.json'])
      await expect(readFile(store, 'imports/x/a.json')).rejects.toMatchObject({ code: 'archive_file_missing' })
      await expect(readFile(store, 'never.json')).rejects.toMatchObject({ code: 'archive_file_missing' })
    })

    test('many at once do not disturb each other', async () => {
      const { store } = await openNew()
      const files = Array.from({ length: 30 }, (_, index) => `imports/x/${10 + index}.json`)
      await Promise.all(files.map((file) => store.write(file, text(file))))
      const read = await Promise.all(files.map((file) => readFile(store, file)))
      expect(read.map(String)).toEqual(files)
      expect(await store.list('imports/x')).toHaveLength(30)
    })
  })
}
