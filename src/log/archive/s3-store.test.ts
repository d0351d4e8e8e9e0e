import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startS3 } from '../test/s3-server.ts'
import { s3Archive } from './s3-store.ts'
import { archiveStoreContract } from './store.contract.ts'

for (const prefix of ['', 'muster/prod']) {
  archiveStoreContract(`a bucket with the prefix "${prefix}"`, async () => {
    const settings = await startS3(prefix)
    return { store: s3Archive(settings), reopen: () => s3Archive(settings) }
  })
}

test('a list of more files than a page has', async () => {
  const settings = await startS3()
  const names = Array.from({ length: 2100 }, (_, index) => `${String(index).padStart(5, '0')}.json`)
  for (const name of names) await writeFile(join(settings.directory, settings.bucket, `${name}._S3rver_object`), '{}')
  expect(await s3Archive(settings).list('')).toEqual(names)
})
