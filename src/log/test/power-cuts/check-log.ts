import { messageOf } from '../../../core/errors.ts'
import type { SimulatedDisk } from '../../../core/test/simulated-disk.ts'
import type { LogReader, StoredRecord } from '../../event-log.ts'
import { archiveSegments } from '../../local/archive.ts'
import { readArchiveIndex } from '../../local/archive-note.ts'
import { archivedThrough } from '../../local/archived-through.ts'
import { listSegments } from '../../local/layout.ts'
import { openLogReader } from '../../local/reader.ts'
import { openLogWriter } from '../../local/writer.ts'
import { Violation } from './promises.ts'
import { archiveOf, effectsOf, newPayloads, type World } from './world.ts'

/** Opens the log on a disk that is used for nothing else and holds it against what was promised. */
export async function checkLog(
  disk: SimulatedDisk,
  world: World,
  { archiving }: { readonly archiving: boolean },
): Promise<void> {
  try {
    await checkOpened(disk, world, archiving)
  } catch (error) {
    if (error instanceof Violation) throw error
    throw new Violation(`what is left of the log cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

async function checkOpened(disk: SimulatedDisk, world: World, archiving: boolean): Promise<void> {
  const { promises, log } = world
  const effects = effectsOf(world, disk.start())
  const archive = archiveOf(world, effects)
  const place = { dir: log.dir, archive, effects }
  const archived = await archivedThrough(place)
  await using writer = await openLogWriter({ ...log, maxDiskBytes: 1e9, archivedThrough: archived, effects })
  await using reader = openLogReader(place)
  const start = archive === undefined ? ((await listSegments(effects.files, log.dir))[0] ?? 1) - 1 : 0
  const records = await readAll(reader, start)
  const positions = await Promise.all(world.consumers.map(async (name) => [name, await reader.position(name)] as const))
  promises.check(records, start, new Map(positions))
  const head = start + records.length
  const payloads = newPayloads(world)
  const { first } = await writer.append(payloads.map((payload) => ({ key: '', payload })))
  if (first !== head + 1) throw new Violation(`the log goes on with ${first} after ${head}`)
  if (!archiving || archive === undefined) return
  await archiveSegments({ ...place, through: Infinity })
  await readArchiveIndex(archive)
  const again = await readAll(reader, 0)
  const expected = [...records.map(({ payload }) => payload), ...payloads]
  if (again.length !== expected.length || again.some(({ payload }, n) => expected[n]?.equals(payload) !== true)) {
    throw new Violation('archiving and appending changed what the log holds')
  }
}

async function readAll(reader: LogReader, start: number): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (let after = start; ; ) {
    const { records, last } = await reader.read({ after, maxRecords: 1000, maxBytes: 1e6 })
    if (records.length === 0) return all
    all.push(...records)
    after = last
  }
}
