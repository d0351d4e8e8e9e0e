import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { systemEffects } from '../../core/effects.ts'
import { eventLogContract, type OpenLog } from '../event-log.contract.ts'
import { testFolder, testWriter } from '../test/scratch.ts'
import { openLogReader } from './reader.ts'
import { openLogWriter } from './writer.ts'

async function openIn(dir: string): Promise<OpenLog> {
  const writer = await openLogWriter({ dir, maxDiskBytes: 1e9, segmentBytes: 200 })
  const reader = openLogReader({ dir })
  const close = async () => {
    await reader.close()
    await writer.close()
  }
  return {
    writer,
    reader,
    async reopen() {
      await close()
      return openIn(dir)
    },
    [Symbol.asyncDispose]: close,
  }
}

eventLogContract('The local log', async () => openIn(await testFolder()))

test('it has one writer', async () => {
  const dir = await testFolder()
  await testWriter({ dir })
  const clock = [0, 3000]
  const effects = { ...systemEffects, now: () => new Date(clock.shift() ?? 3000) }
  await expect(openLogWriter({ dir, maxDiskBytes: 1e9, effects })).rejects.toMatchObject({ code: 'project_locked' })
})

test('a folder that cannot be made is named', async () => {
  await expect(openLogWriter({ dir: '/dev/null/log', maxDiskBytes: 1 })).rejects.toMatchObject({
    code: 'folder_unwritable',
    message: expect.stringContaining('/dev/null/log'),
  })
})

test('a reader may come before the writer and outlive it', async () => {
  const dir = await testFolder()
  await rm(dir, { recursive: true })
  const reader = openLogReader({ dir })
  expect(await reader.head()).toBe(0)
  const waiting = reader.wait(0)
  const writer = await testWriter({ dir })
  await writer.append([{ key: '', payload: Buffer.from('a') }])
  await waiting
  await writer.close()
  expect(await reader.head()).toBe(1)
})
