/**
 * Fills a real small disk under a real collector, twice. It must refuse with 503 and Retry-After, keep all that it
 * acknowledged readable, and go on by itself when there is room again: after archiving, and on a larger disk.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../src/core/errors.ts'
import { folderArchive } from '../../src/log/archive/folder-store.ts'
import { type ArchiveStore, archiveSegments, decodeRecord, openLogReader } from '../../src/log/index.ts'
import { type CollectorProcess, EVENT_BYTES, startCollectorProcess } from './full-disk/collector-process.ts'
import { mountSmallDisk, type SmallDisk } from './full-disk/small-disk.ts'

const MIB = 2 ** 20
const DISK_MIB = 24
const LARGER_DISK_MIB = 40
/** Segments become a quarter of this: one is closed before the disk is full. */
const MAX_DISK_BYTES = 64 * MIB
/** More than fit, though one segment is archived on the way. */
const MOST_EVENTS = (2 * LARGER_DISK_MIB * MIB) / EVENT_BYTES
const CLIENTS = 8
/** A client has seen the disk full when it was refused so often in a row. */
const REFUSALS = 5
const BATCHES_AFTER = 20

async function main(): Promise<void> {
  const disk = tryMount()
  if (disk === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'muster-full-disk-'))
  const log = { dir: join(disk.folder, 'log'), archive: folderArchive(join(folder, 'archive')) }
  const collector = await startCollectorProcess({ dir: log.dir, maxDiskBytes: MAX_DISK_BYTES }, folder)
  const acknowledged: string[] = []
  try {
    await fill(collector, acknowledged)
    await checkKept('full', log, acknowledged)
    await archiveSegments({ ...log, through: await openLogReader(log).head() })
    await goOn('a segment was archived and deleted', collector, acknowledged)
    await fill(collector, acknowledged)
    await checkKept('full again', log, acknowledged)
    disk.resize(LARGER_DISK_MIB)
    await goOn('the disk was made larger', collector, acknowledged)
    await collector.stop()
    await checkKept('in the end', log, acknowledged)
    console.log('ok')
  } finally {
    await collector.stop()
    disk[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  }
}

function tryMount(): SmallDisk | undefined {
  try {
    return mountSmallDisk(DISK_MIB)
  } catch (error) {
    console.log(`skipped: a small disk cannot be mounted here (it takes Linux and root): ${messageOf(error).trimEnd()}`)
    return undefined
  }
}

/** Sends until every client was refused for want of room. */
async function fill(collector: CollectorProcess, acknowledged: string[]): Promise<void> {
  const before = acknowledged.length
  await Promise.all(Array.from({ length: CLIENTS }, () => fillAsClient(collector, acknowledged)))
  console.log(`the disk is full after ${acknowledged.length - before} more events: 503, Retry-After`)
}

async function fillAsClient(collector: CollectorProcess, acknowledged: string[]): Promise<void> {
  for (let refusals = 0; refusals < REFUSALS; ) {
    const { ids, response } = await collector.send()
    if (response.status === 200) {
      refusals = 0
      acknowledged.push(...ids)
      demand(acknowledged.length < MOST_EVENTS, 'more was acknowledged than the disk can hold')
      continue
    }
    refusals++
    const { code } = (await response.json()) as { code: string } // the gateway's own answer
    demand(
      response.status === 503 && code === 'log_full',
      `the answer was ${response.status} ${code}, not 503 log_full`,
    )
    demand(Number(response.headers.get('retry-after')) > 0, 'a 503 came without Retry-After')
  }
}

async function goOn(why: string, collector: CollectorProcess, acknowledged: string[]): Promise<void> {
  for (let n = 0; n < BATCHES_AFTER; n++) {
    const { ids, response } = await collector.send()
    demand(response.status === 200, `after ${why} the answer was still ${response.status}: ${await response.text()}`)
    acknowledged.push(...ids)
  }
  demand(collector.alive(), 'the collector ended')
  console.log(`after ${why} it goes on, in the same process`)
}

/** Every acknowledged event is in the log or its archive, once. */
async function checkKept(
  when: string,
  log: { dir: string; archive: ArchiveStore },
  acknowledged: string[],
): Promise<void> {
  const stored = await storedIds(log)
  const lost = acknowledged.filter((id) => !stored.has(id))
  demand(lost.length === 0, `${when}: ${lost.length} acknowledged events are lost, such as ${lost[0]}`)
  console.log(`${when}: all ${acknowledged.length} acknowledged events can be read, of ${stored.size} stored`)
}

async function storedIds(log: { dir: string; archive: ArchiveStore }): Promise<ReadonlySet<string>> {
  await using reader = openLogReader(log)
  const ids = new Set<string>()
  for (let after = 0; ; ) {
    const { records, last } = await reader.read({ after, maxRecords: 10_000, maxBytes: 16 * MIB })
    if (records.length === 0) return ids
    for (const { payload } of records) {
      const record = decodeRecord(payload)
      const id = record.kind === 'event' ? String(record.event.messageId) : 'rejected'
      demand(!ids.has(id), `${id} is stored twice`)
      ids.add(id)
    }
    after = last
  }
}

function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

await main()
