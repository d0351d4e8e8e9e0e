import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemFiles } from '../../core/files.ts'
import { folderArchive } from '../archive/folder-store.ts'
import { encodeRecord } from '../record.ts'
import { readTexts, testFolder, testWriter, textsIn } from '../test/scratch.ts'
import { archiveSegments } from './archive.ts'
import { readArchiveIndex } from './archive-note.ts'
import { archivedThrough } from './archived-through.ts'
import { archiveFile, archiveNote, listArchive, listSegments, segmentFile } from './layout.ts'
import { openLogReader } from './reader.ts'

const record = (day: number) =>
  encodeRecord({
    kind: 'rejected',
    source: day % 2 === 0 ? 'web' : 'app',
    receivedAt: `2026-01-0${day}T00:00:00.000Z`,
    requestIp: '203.0.113.7',
    reason: 'not JSON',
    body: `${day}`,
  })

/** A log of the records 1 to 5 with two in each closed segment, and a folder for its archive. */
async function fiveDays() {
  const dir = await testFolder()
  const writer = await testWriter({ dir, segmentBytes: record(1).length + 21 })
  for (const day of [1, 2, 3, 4, 5]) await writer.append([{ key: '', payload: record(day) }])
  return {
    dir,
    archiveDir: `${dir}/archive`,
    archive: folderArchive(`${dir}/archive`),
    writer,
    all: [1, 2, 3, 4, 5].map((day) => record(day).toString()),
  }
}

test('closed segments are kept with a note, and deleted once the warehouse has passed them', async () => {
  const { dir, archiveDir, all, archive } = await fiveDays()
  const [first, second] = [
    { first: 1, last: 2 },
    { first: 3, last: 4 },
  ] as const
  expect(await archiveSegments({ dir, archive, through: 3 })).toEqual({
    archived: [first, second],
    deleted: [first],
  })
  expect(await listSegments(systemFiles, dir)).toEqual([3, 5])
  expect(await archiveSegments({ dir, archive, through: 5 })).toEqual({ archived: [], deleted: [second] })
  expect(await listSegments(systemFiles, dir)).toEqual([5])
  expect(await textsIn(dir, archive)).toEqual(all)
  expect(await readTexts(openLogReader({ dir, archive }), 3)).toEqual(all.slice(3))
  const note = { ...first, minReceivedAt: '2026-01-01T00:00:00.000Z', maxReceivedAt: '2026-01-02T00:00:00.000Z' }
  const index = await readArchiveIndex(archive)
  expect(index).toMatchObject([{ ...note, sources: ['app', 'web'] }, second])
  const { packedBytes: _, ...described } = index[0] ?? {}
  await rm(join(archiveDir, archiveNote(first)))
  expect(await readArchiveIndex(archive)).toEqual([described, index[1]])
})

test('one read goes on from the archive into the log', async () => {
  const { dir, archive } = await fiveDays()
  await archiveSegments({ dir, archive, through: 4 })
  const { records } = await openLogReader({ dir, archive }).read({ after: 1, maxRecords: 100, maxBytes: 1e9 })
  expect(records.map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5])
})

test('what neither holds is refused, and what exists is said', async () => {
  const { dir, archiveDir, archive } = await fiveDays()
  await archiveSegments({ dir, archive, through: 4 })
  await rm(join(archiveDir, archiveFile({ first: 3, last: 4 })))
  await expect(textsIn(dir, archive)).rejects.toMatchObject({
    code: 'log_range_gone',
    message: 'record 3 is neither in the log nor in the archive: the log begins at 5, the archive holds 1–2',
  })
  await expect(textsIn(dir)).rejects.toMatchObject({ code: 'log_range_gone' })
})

test('a damaged segment is neither archived nor deleted', async () => {
  const { dir, archive } = await fiveDays()
  const file = segmentFile(dir, 1)
  const content = await readFile(file)
  await writeFile(file, content.fill('!', 40, 41))
  await expect(archiveSegments({ dir, archive, through: 5 })).rejects.toMatchObject({ code: 'log_corrupt' })
  expect(await listSegments(systemFiles, dir)).toEqual([1, 3, 5])
  expect(await listArchive(archive)).toEqual([])
})

test('a log whose folder was emptied goes on numbering after its archive', async () => {
  const { dir, writer, archive } = await fiveDays()
  await archiveSegments({ dir, archive, through: 4 })
  await writer.close()
  const fresh = await testFolder()
  const again = await testWriter({ dir: fresh, archivedThrough: await archivedThrough({ dir: fresh, archive }) })
  expect(await again.append([{ key: '', payload: record(6) }])).toEqual({ first: 5, last: 5 })
  expect(await openLogReader({ dir: fresh, archive }).head()).toBe(5)
})

test('a damaged archive is named', async () => {
  const { dir, archiveDir, archive } = await fiveDays()
  await archiveSegments({ dir, archive, through: 4 })
  const file = archiveFile({ first: 1, last: 2 })
  await writeFile(join(archiveDir, file), 'no gzip')
  await expect(textsIn(dir, archive)).rejects.toMatchObject({
    code: 'log_corrupt',
    message: expect.stringContaining(file),
  })
})

test('archiving while the writer and a reader are at work loses nothing', async () => {
  const dir = await testFolder()
  const archive = folderArchive(`${dir}/archive`)
  const writer = await testWriter({ dir, segmentBytes: 500 })
  const texts = Array.from({ length: 400 }, (_, n) => `record ${n}`)
  const reader = openLogReader({ dir, archive })
  const writing = (async () => {
    for (const text of texts) await writer.append([{ key: text, payload: Buffer.from(text) }])
  })()
  const found: string[] = []
  while (found.length < texts.length) {
    await reader.wait(found.length)
    const { records } = await reader.read({ after: found.length, maxRecords: 13, maxBytes: 1e6 })
    found.push(...records.map(({ payload }) => payload.toString()))
    await archiveSegments({ dir, archive, through: found.length + 20 })
  }
  await writing
  expect(found).toEqual(texts)
  expect(await readTexts(reader)).toEqual(texts)
})
