import { expect, test } from 'vitest'
import { SimulatedDisk } from '../../core/test/simulated-disk.ts'
import { simulatedEffects } from '../../core/test/simulated-effects.ts'
import type { Call } from '../../core/test/simulated-files.ts'
import type { SimulatedProcess } from '../../core/test/simulated-process.ts'
import { afterPowerCuts, archiveDir, archiveOf, collectOn, dir, textsOn } from '../test/simulated-log.ts'
import { archiveSegments } from './archive.ts'
import { segmentFile } from './layout.ts'
import { openLogReader } from './reader.ts'

/** A disk whose log has a record in each segment: the last one is open. */
async function withRecords(texts: readonly string[], seed = 1) {
  const disk = new SimulatedDisk(seed)
  const log = await collectOn(disk, { segmentBytes: 1 })
  for (const text of texts) await log.append(text)
  const effects = simulatedEffects(disk.start())
  return { disk, log, effects, archive: { dir, archive: archiveOf(effects), effects } }
}

/** As `withRecords`, with a next segment that was created, but whose folder could not be synced. */
async function withNextSegmentUnsynced() {
  const records = await withRecords(['a'])
  const { disk, log } = records
  disk.fault = ({ name }) => (name === 'syncFolder' ? 'EIO' : undefined)
  await expect(log.append('lost')).rejects.toMatchObject({ code: 'log_unwritable' })
  disk.fault = undefined
  return records
}

function archiveBy(process: SimulatedProcess) {
  const effects = simulatedEffects(process)
  return { dir, archive: archiveOf(effects), effects }
}

/** Kills a process with the first call of this kind: it is still done. */
function killWith(process: SimulatedProcess, name: Call['name']): SimulatedDisk['fault'] {
  return (call) => {
    if (call.name === name) process.kill()
    return undefined
  }
}

test('a segment is deleted only when no power cut can take away the one that follows', async () => {
  const { disk } = await withNextSegmentUnsynced()
  const killed = disk.start()
  disk.fault = killWith(killed, 'remove')
  await expect(archiveSegments({ dir, effects: simulatedEffects(killed), through: 1 })).rejects.toThrow('killed')
  disk.fault = undefined
  for await (const { log } of afterPowerCuts(disk)) expect(await log.append('b')).toEqual({ first: 2, last: 2 })
})

test('a segment is archived only when no power cut can open it again', async () => {
  const { disk, archive } = await withNextSegmentUnsynced()
  await archiveSegments({ ...archive, through: 0 })
  for await (const { left, log } of afterPowerCuts(disk, { segmentBytes: 40 })) {
    for (const text of ['b', 'c', 'd']) await log.append(text)
    await archiveSegments({ dir, archive: archiveOf(log.effects), effects: log.effects, through: 4 })
    expect(await textsOn(left)).toEqual(['a', 'b', 'c', 'd'])
  }
})

test.each([1, 2])('a closed segment holds nothing of a failed append, after %d failures', async (times) => {
  const { disk, log, archive } = await withRecords(['a'])
  let left = times
  disk.fault = ({ name, path }) =>
    ['sync', 'truncate'].includes(name) && path.endsWith('.log') && left-- > 0 ? 'EIO' : undefined
  await expect(log.append('x'.repeat(100))).rejects.toMatchObject({ code: 'log_unwritable' })
  for (const text of ['b', 'c']) await log.append(text)
  await archiveSegments({ ...archive, through: 2 })
  expect(await textsOn(disk)).toEqual(['a', 'b', 'c'])
})

test('nothing is deleted before the archive, killed in the middle or not, has it for good', async () => {
  for (let calls = 1; ; calls++) {
    const { disk, archive } = await withRecords(['a', 'b', 'c'])
    const killed = disk.start()
    killed.killAfter(calls)
    const first = archiveSegments({ ...archiveBy(killed), through: 2 })
    const done = await first.then(
      () => true,
      () => false,
    )
    await archiveSegments({ ...archive, through: 2 })
    for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(['a', 'b', 'c'])
    if (done) return
  }
})

test('what a killed archiver half wrote is removed', async () => {
  const { disk, archive } = await withRecords(['a', 'b'])
  const killed = disk.start()
  disk.fault = killWith(killed, 'sync')
  await expect(archiveSegments({ ...archiveBy(killed), through: 0 })).rejects.toThrow('killed')
  disk.fault = undefined
  const drafts = async () => (await disk.start().files.list(archiveDir)).filter((name) => name.endsWith('.tmp'))
  expect(await drafts()).toHaveLength(1)
  await archiveSegments({ ...archive, through: 0 })
  expect(await drafts()).toEqual([])
})

test('a power cut while segments are archived and deleted leaves no gap', async () => {
  for (let changes = 1; ; changes++) {
    const { disk, archive } = await withRecords(['a', 'b', 'c', 'd'])
    disk.cutPowerAfter(changes)
    await archiveSegments({ ...archive, through: 3 }).catch(() => undefined)
    for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(['a', 'b', 'c', 'd'])
    if (!disk.off) return
  }
})

test('what a killed process had only written is durable once the next one shows it', async () => {
  const { disk, log } = await withRecords(['a'])
  await log.writer.close()
  const killed = await collectOn(disk)
  disk.fault = killWith(killed.process, 'write')
  await expect(killed.append('b')).rejects.toMatchObject({ code: 'log_unwritable' })
  disk.fault = undefined
  await collectOn(disk)
  expect(await textsOn(disk)).toEqual(['a', 'b'])
  for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(['a', 'b'])
})

test.each([1, 2, 3, 4, 5])(
  'records whose sync failed are not built upon by the next process (disk %d)',
  async (seed) => {
    const { disk, log } = await withRecords(['a'], seed)
    disk.fault = ({ name, path }) => (path.endsWith('.log') && ['sync', 'truncate'].includes(name) ? 'EIO' : undefined)
    await expect(log.append('unsure')).rejects.toMatchObject({ code: 'log_unwritable' })
    log.process.kill()
    disk.fault = undefined
    const { append } = await collectOn(disk)
    await append('b')
    const found = await textsOn(disk)
    expect(found.filter((text) => text !== 'unsure')).toEqual(['a', 'b'])
    for await (const { left } of afterPowerCuts(disk)) expect(await textsOn(left)).toEqual(found)
  },
)

test('a segment that the worker deletes meanwhile does not keep the log from being opened', async () => {
  const { disk, log } = await withRecords(['a', 'b'])
  await log.writer.close()
  disk.fault = ({ path, name }) => (path === segmentFile(dir, 1) && name === 'open' ? 'ENOENT' : undefined)
  expect((await collectOn(disk)).writer.stats()).toMatchObject({ head: 2, segments: 1 })
})

test('a position that was told is not taken back, though its commit was killed', async () => {
  const { disk } = await withRecords(['a'])
  const killed = disk.start()
  const reader = openLogReader({ dir, effects: simulatedEffects(killed) })
  await reader.commit('warehouse', 1)
  disk.fault = ({ name, path }) => (name === 'syncFolder' && path.endsWith('consumers') ? 'EIO' : undefined)
  await expect(reader.commit('warehouse', 2)).rejects.toMatchObject({ code: 'EIO' })
  disk.fault = undefined
  const told = await openLogReader({ dir, effects: simulatedEffects(disk.start()) }).position('warehouse')
  for await (const { log } of afterPowerCuts(disk)) {
    expect(await openLogReader({ dir, effects: log.effects }).position('warehouse')).toBe(told)
  }
})
