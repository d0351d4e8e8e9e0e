import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemFiles } from '../../core/files.ts'
import { runs as runsOf } from '../../core/test/patience.ts'
import { copyLog, testFolder, testWriter, textsIn } from '../test/scratch.ts'
import type { TornTail } from './current-segment.ts'
import { readHead } from './head.ts'
import { headFile, listSegments, segmentFile } from './layout.ts'
import { openLogWriter } from './writer.ts'

const entries = (texts: readonly string[]) => texts.map((text) => ({ key: text, payload: Buffer.from(text) }))

/** Appends that were made one after the other; each inner list is one group. */
const appends = fc.array(fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 8,
})

async function lastSegment(dir: string): Promise<string> {
  return segmentFile(dir, (await listSegments(systemFiles, dir)).at(-1) ?? 1)
}

/** Opens the log, which repairs it, and gives all that it holds. */
async function reopened(dir: string): Promise<string[]> {
  await using _writer = await openLogWriter({ dir, maxDiskBytes: 1e9 })
  return textsIn(dir)
}

describe('after a crash', () => {
  test('all that was acknowledged is there, in order, once; what was not is there up to some point or not at all', async () => {
    const folder = await testFolder()
    let runs = 0
    await fc.assert(
      fc.asyncProperty(
        appends,
        fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 5 }),
        fc.nat(400),
        fc.uint8Array({ maxLength: 60 }),
        fc.integer({ min: 20, max: 400 }),
        async (acknowledged, underWay, kept, garbage, segmentBytes) => {
          const dir = `${folder}/live${runs}`
          const crashed = `${folder}/crashed${runs++}`
          await using writer = await openLogWriter({ dir, maxDiskBytes: 1e9, segmentBytes })
          for (const texts of acknowledged) await writer.append(entries(texts))
          const durable = readHead(systemFiles, dir)
          const head = await readFile(headFile(dir))
          await writer.append(entries(underWay))
          await copyLog(dir, crashed)
          await writeFile(headFile(crashed), head)
          const file = await lastSegment(crashed)
          const floor = file === segmentFile(crashed, durable.segment) ? durable.bytes : 0
          await truncate(file, Math.min((await stat(file)).size, floor + kept))
          await appendFile(file, garbage)
          const found = await reopened(crashed)
          const sent = acknowledged.flat()
          expect(found.slice(0, sent.length)).toEqual(sent)
          expect(underWay.slice(0, found.length - sent.length)).toEqual(found.slice(sent.length))
          expect(await reopened(crashed)).toEqual(found)
        },
      ),
      { numRuns: runsOf(30) },
    )
  })

  test('a page of a group that never reached the disk, with later pages that did, is cut', async () => {
    const dir = await testFolder()
    const writer = await testWriter({ dir })
    await writer.append(entries(['acknowledged']))
    const durable = await readFile(headFile(dir))
    const { bytes } = readHead(systemFiles, dir)
    await writer.append(entries(['lost', 'kept by chance']))
    const crashed = `${dir}/crashed`
    await copyLog(dir, crashed)
    await writeFile(headFile(crashed), durable)
    const file = await lastSegment(crashed)
    await writeFile(file, (await readFile(file)).fill(0, bytes, bytes + 24))
    expect(await reopened(crashed)).toEqual(['acknowledged'])
  })

  test('a log that was cut goes on with the sequence of what was cut', async () => {
    const dir = await testFolder()
    const writer = await testWriter({ dir })
    await writer.append(entries(['a']))
    await writer.close()
    await appendFile(await lastSegment(dir), Buffer.alloc(30, 1))
    const again = await testWriter({ dir })
    expect(await again.append(entries(['b']))).toEqual({ first: 2, last: 2 })
    expect(await textsIn(dir)).toEqual(['a', 'b'])
  })

  test('opening says what it cut, and nothing when there was nothing to cut', async () => {
    const dir = await testFolder()
    const told: TornTail[] = []
    const open = () => openLogWriter({ dir, maxDiskBytes: 1e9, onTornTail: (torn) => told.push(torn) })
    const writer = await open()
    await writer.append(entries(['a', 'b']))
    await writer.close()
    await appendFile(await lastSegment(dir), Buffer.alloc(30, 1))
    await (await open()).close()
    await (await open()).close()
    expect(told).toEqual([{ file: segmentFile(dir, 1), bytes: 30, next: 3 }])
  })
})

describe('damage is never taken for a crash', () => {
  async function damagedLog(published: 'kept' | 'lost', damage: (content: Buffer) => Buffer): Promise<string> {
    const dir = await testFolder()
    const writer = await testWriter({ dir })
    for (const text of ['first', 'second', 'third']) await writer.append(entries([text]))
    await writer.close()
    const file = await lastSegment(dir)
    await writeFile(file, damage(await readFile(file)))
    if (published === 'lost') await writeFile(headFile(dir), '')
    return dir
  }
  const flip = (at: number) => (content: Buffer) => {
    content[at] = (content[at] ?? 0) ^ 1
    return content
  }

  test.each([
    ['a flipped bit in the middle', 'kept', flip(30), 25],
    ['the same, though the published end was lost with the power', 'lost', flip(30), 25],
    ['a flipped bit in a length', 'lost', flip(4), 0],
    ['a flipped bit in the last record', 'kept', flip(60), 51],
    ['the last record cut off', 'kept', (content: Buffer) => content.subarray(0, -1), 51],
    ['an emptied file', 'kept', () => Buffer.alloc(0), 0],
  ] as const)('%s', async (_, published, damage, offset) => {
    const dir = await damagedLog(published, damage)
    const before = await readFile(await lastSegment(dir))
    await expect(openLogWriter({ dir, maxDiskBytes: 1e9 })).rejects.toMatchObject({
      code: 'log_corrupt',
      message: expect.stringContaining(`${segmentFile(dir, 1)} is damaged at byte ${offset}:`),
    })
    expect(await readFile(await lastSegment(dir))).toEqual(before)
  })

  test('a reader names file and byte', async () => {
    const dir = await damagedLog('kept', flip(30))
    await expect(textsIn(dir)).rejects.toMatchObject({
      code: 'log_corrupt',
      message: `${segmentFile(dir, 1)} is damaged at byte 25: record 2 cannot be read`,
    })
  })
})
