import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { systemEffects } from '../../core/effects.ts'
import { systemFiles } from '../../core/files.ts'
import { s3Archive } from '../archive/s3-store.ts'
import { type Fault, startFaultyProxy } from '../test/faulty-proxy.ts'
import { startS3 } from '../test/s3-server.ts'
import { readTexts, testFolder, testWriter, textsIn } from '../test/scratch.ts'
import { archiveSegments } from './archive.ts'
import { listSegments } from './layout.ts'
import { openLogReader } from './reader.ts'

const effects = { ...systemEffects, sleep: async (_ms: number, signal?: AbortSignal) => signal?.throwIfAborted() }

/** A log of some segments, and a bucket behind a proxy. */
async function loggedAndBucket() {
  const settings = await startS3()
  const proxy = await startFaultyProxy(settings.endpoint)
  const dir = await testFolder()
  const writer = await testWriter({ dir, segmentBytes: 2000 })
  const texts = Array.from({ length: 40 }, (_, n) => `${n} ${randomBytes(300).toString('base64')}`)
  for (const text of texts) await writer.append([{ key: text, payload: Buffer.from(text) }])
  const archive = s3Archive({ ...settings, endpoint: proxy.origin }, effects)
  return { proxy, dir, texts, archive, direct: s3Archive(settings) }
}

test('whatever the network does, nothing is doubled or lost, and no segment leaves the log before its upload is checked', {
  timeout: 60_000,
}, async () => {
  const { proxy, dir, texts, archive, direct } = await loggedAndBucket()
  const kinds: readonly (Fault | undefined)[] = ['busy', 'lost', 'cut', 'halved', 'damaged', undefined, undefined]
  let requests = 0
  proxy.fault = () => kinds[(requests++ * 5) % kinds.length]
  for (let passes = 0; (await listSegments(systemFiles, dir)).length > 1; passes++) {
    expect(passes).toBeLessThan(20)
    await archiveSegments({ dir, archive, through: Infinity }).catch(() => {}) // tried again
    expect(await textsIn(dir, direct)).toEqual(texts)
  }
  expect(await readTexts(openLogReader({ dir, archive }))).toEqual(texts)
  expect(requests).toBeGreaterThan(40)
})

test.each(['GET', 'PUT', 'HEAD'])('while %s fails, all stays in the log, which goes on', async (method) => {
  const { proxy, dir, texts, archive } = await loggedAndBucket()
  proxy.fault = (asked) => (asked === method ? 'cut' : undefined)
  const segments = await listSegments(systemFiles, dir)
  const archiving = archiveSegments({ dir, archive, through: Infinity })
  await expect(archiving).rejects.toMatchObject({ code: 'archive_unreachable' })
  expect(await listSegments(systemFiles, dir)).toEqual(segments)
  expect(await textsIn(dir, archive)).toEqual(texts)
  proxy.fault = undefined
  await archiveSegments({ dir, archive, through: Infinity })
  expect(await listSegments(systemFiles, dir)).toHaveLength(1)
  expect(await textsIn(dir, archive)).toEqual(texts)
})

test('a reader that could not reach the archive reads on once it can', async () => {
  const { proxy, dir, texts, archive } = await loggedAndBucket()
  await archiveSegments({ dir, archive, through: Infinity })
  proxy.fault = () => 'cut'
  const reader = openLogReader({ dir, archive })
  const reading = reader.read({ after: 0, maxRecords: 1, maxBytes: 1 })
  await expect(reading).rejects.toMatchObject({ code: 'archive_unreachable' })
  proxy.fault = undefined
  expect(await readTexts(reader)).toEqual(texts)
})
