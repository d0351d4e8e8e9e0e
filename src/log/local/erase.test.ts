import { expect, test } from 'vitest'
import { SimulatedDisk } from '../../core/test/simulated-disk.ts'
import { simulatedEffects } from '../../core/test/simulated-effects.ts'
import type { SimulatedProcess } from '../../core/test/simulated-process.ts'
import { decodeRecord, encodeRecord } from '../record.ts'
import { archiveOf, collectOn, dir } from '../test/simulated-log.ts'
import { archiveSegments } from './archive.ts'
import { readArchiveIndex } from './archive-note.ts'
import { eraseArchived } from './erase.ts'
import { openLogReader } from './reader.ts'

const PEOPLE = ['ann', 'bob', 'ann', 'cat', 'bob', 'ann']
const receivedAt = '2026-01-02T03:04:05.678Z'

function recordOf(person: string): Buffer {
  return encodeRecord({
    kind: 'rejected',
    source: 'web',
    receivedAt,
    requestIp: '',
    reason: 'no',
    body: `${person}@x.io`,
  })
}

const isAnn = (payload: Buffer) => payload.includes('ann@x.io')

/** A disk on which all is archived, two records a segment, and the log deleted. */
async function archivedDisk(seed = 1): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(seed)
  const log = await collectOn(disk, { segmentBytes: recordOf('ann').length + 21 })
  for (const person of [...PEOPLE, 'end', 'end', 'end'])
    await log.writer.append([{ key: '', payload: recordOf(person) }])
  const effects = simulatedEffects(disk.start())
  await archiveSegments({ dir, archive: archiveOf(effects), effects, through: 1000 })
  return disk
}

async function bodies(process: SimulatedProcess): Promise<string[]> {
  const effects = simulatedEffects(process)
  await using reader = openLogReader({ dir, archive: archiveOf(effects), effects })
  const { records } = await reader.read({ after: 0, maxRecords: PEOPLE.length, maxBytes: 1e9 })
  expect(records.map(({ sequence }) => sequence)).toEqual(PEOPLE.map((_, index) => index + 1))
  return records.map(({ payload }) => {
    const record = decodeRecord(payload)
    return record.kind === 'rejected' ? record.body : record.kind
  })
}

const erase = (process: SimulatedProcess) =>
  eraseArchived({ archive: archiveOf(simulatedEffects(process)), isGone: isAnn })

const ERASED = ['erased', 'bob@x.io', 'erased', 'cat@x.io', 'bob@x.io', 'erased']

test('records are replaced in place, and once', async () => {
  const disk = await archivedDisk()
  const process = disk.start()
  const index = await readArchiveIndex(archiveOf(simulatedEffects(process)))
  expect(await erase(process)).toEqual({ records: 3, segments: 3 })
  expect(await bodies(process)).toEqual(ERASED)
  expect(await erase(process)).toEqual({ records: 0, segments: 0 })
  const after = await readArchiveIndex(archiveOf(simulatedEffects(process)))
  const described = (notes: typeof index) => notes.map(({ packedBytes: _, ...note }) => note)
  expect(described(after)).toEqual(described(index))
})

test('a reader in the middle of a segment goes on in its place', async () => {
  const disk = await archivedDisk()
  const effects = simulatedEffects(disk.start())
  await using reader = openLogReader({ dir, archive: archiveOf(effects), effects })
  await reader.read({ after: 0, maxRecords: 3, maxBytes: 1e9 })
  await erase(disk.start())
  const { records } = await reader.read({ after: 3, maxRecords: 3, maxBytes: 1e9 })
  expect(records.map(({ sequence }) => sequence)).toEqual([4, 5, 6])
})

test('wherever a crash ends it, nothing else is lost, and doing it again ends it', async () => {
  let ended = false
  for (let calls = 1; !ended; calls++) {
    const disk = await archivedDisk(calls)
    const process = disk.start()
    let made = 0
    disk.fault = () => {
      made += 1
      if (made === calls) process.kill()
      return undefined
    }
    ended = await erase(process).then(
      () => true,
      () => false,
    )
    disk.fault = undefined
    for (const seed of [1, 2, 3]) {
      const left = disk.afterPowerCut(seed)
      for (const [index, body] of (await bodies(left.start())).entries()) {
        expect([`${PEOPLE[index]}@x.io`, ERASED[index]]).toContain(body)
      }
      await erase(left.start())
      expect(await bodies(left.start())).toEqual(ERASED)
    }
  }
})
