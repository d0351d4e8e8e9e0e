import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemEffects } from '../src/core/effects.ts'
import { encodeRecord, type LogRecord, openLogWriter, readArchiveIndex } from '../src/log/index.ts'
import { type Retained, retain } from '../src/privacy/index.ts'
import { ENGINES, TempProject } from './temp-project.ts'

const DAY = 24 * 60 * 60 * 1000
let project: TempProject

afterEach(() => project[Symbol.asyncDispose]())

const daysAgo = (days: number) => new Date(Date.now() - days * DAY).toISOString()

function record(source: string, days: number, members: object): LogRecord {
  const receivedAt = daysAgo(days)
  const event = {
    type: 'track',
    messageId: `${source}-${days}-${JSON.stringify(members).length}`,
    receivedAt,
    request_ip: '',
  }
  // What the gateway fills in is there.
  return { kind: 'event', source, receivedAt, requestIp: '', event: { ...event, ...members } as never }
}

/** A closed segment of the log for each list. */
async function collect(...segments: readonly (readonly LogRecord[])[]): Promise<void> {
  {
    await using writer = await openLogWriter({ dir: join(project.dir, '.muster/log'), maxDiskBytes: 1e9 })
    for (const records of segments) {
      await writer.append(records.map((one) => ({ key: '', payload: encodeRecord(one) })))
      await writer.closeSegment()
    }
  }
  const { consumer, archiver } = await project.workspace()
  await consumer.catchUp(undefined, { alone: true })
  await archiver.run(new AbortController().signal)
}

async function retainNow(batch?: number): Promise<Retained> {
  const workspace = await project.workspace()
  const { state, landing, archiver, definitions } = workspace
  const own = { archiving: workspace.archiving.bind(workspace), project: () => definitions.project }
  const settings = { state, landing, archiver, effects: systemEffects, ...own }
  return retain({ ...settings, ...(batch !== undefined && { batch }) }, new AbortController().signal)
}

const rowsOf = (retained: Retained) => Object.fromEntries(retained.rows.map(({ table, rows }) => [table, rows]))
const ages = async (schema: string) =>
  (
    await project.rows<{ days: number }>(
      `select cast(floor(extract(epoch from now() - received_at) / 86400) as int) as days from ${schema}.tracks order by 1`,
    )
  ).map(({ days }) => days)

describe.each(ENGINES)('%s', (engine) => {
  beforeEach(async () => {
    project = await TempProject.make(
      {
        'muster.yaml': `version: 1
sources:
  web: { write_key: k, retention: { events: 30d, archive: 60d } }
  kept: { write_key: l }
`,
      },
      engine,
    )
  })

  test('rows go that were received longer ago than their source keeps, in batches, and no others', async () => {
    const days = [100, 90, 80, 40, 31, 29, 10]
    const events = (source: string) => days.map((ago) => record(source, ago, { userId: 'u', event: 'Seen' }))
    await collect([...events('web'), ...events('kept')])
    await project.rows(
      `insert into web.discards (table_name, row_id, received_at) values ('x', 'y', now() - interval '50 days')`,
    )
    await project.rows(
      `insert into muster.rejected_events (source, position, received_at, reason, body) values ('web', 1, now() - interval '50 days', 'no', '{}'), ('kept', 2, now() - interval '50 days', 'no', '{}')`,
    )
    const retained = await retainNow(2)
    expect(rowsOf(retained)).toEqual({ 'web.tracks': 5, 'web.seen': 5, 'web.discards': 1, 'muster.rejected_events': 1 })
    expect(await ages('web')).toEqual([10, 29])
    expect(await ages('kept')).toHaveLength(7)
    expect((await retainNow()).rows).toEqual([])
  })

  test('a row of users is made of the identifies that stay, and goes with the last', async () => {
    const identify = (ago: number, userId: string, traits: object) =>
      record('web', ago, { type: 'identify', userId, traits })
    await collect([
      identify(40, 'gone', { plan: 'a' }),
      identify(40, 'stays', { plan: 'a', city: 'Rome' }),
      identify(5, 'stays', { plan: 'b' }),
    ])
    expect(rowsOf(await retainNow())).toEqual({ 'web.identifies': 2 })
    expect(await project.rows('select id, plan, city from web.users')).toEqual([{ id: 'stays', plan: 'b', city: null }])
  })

  test('of the archive the oldest segments go whole, others lose the records, and the newest stays', async () => {
    const seen = (source: string, ago: number) => record(source, ago, { userId: 'u', event: 'Seen' })
    await collect(
      [seen('web', 200), seen('web', 190)],
      [seen('web', 180), seen('kept', 180)],
      [seen('web', 170)],
      [seen('web', 61), seen('web', 59)],
      [seen('web', 65)],
    )
    const { archive, openLog } = await open()
    expect((await retainNow()).archive).toEqual({ records: 4, segments: 4, imported: 0, removed: 1 })
    const index = await readArchiveIndex(archive)
    expect(index.map(({ first, last, sources }) => [first, last, sources])).toEqual([
      [3, 4, ['kept']],
      [5, 5, []],
      [6, 7, ['web']],
      [8, 8, []],
    ])
    await using log = openLog()
    const { records } = await log.read({ after: 2, maxRecords: 100, maxBytes: 1e9 })
    expect(records.map(({ sequence, payload }) => `${sequence} ${payload.toString().slice(9, 14)}`)).toEqual([
      '3 erase',
      '4 event',
      '5 erase',
      '6 erase',
      '7 event',
      '8 erase',
    ])
    expect((await retainNow()).archive).toEqual({ records: 0, segments: 0, imported: 0, removed: 0 })
    await collect([seen('web', 1)])
    expect((await readArchiveIndex(archive)).at(-1)).toMatchObject({ first: 9, last: 9 })
  })

  test('events of imports are erased in the archive as their time comes', async () => {
    await project.land([
      { type: 'track', event: 'Former', userId: 'u', receivedAt: daysAgo(90), timestamp: daysAgo(90) },
      { type: 'track', event: 'New', userId: 'u', receivedAt: daysAgo(3), timestamp: daysAgo(3) },
    ])
    const retained = await retainNow()
    expect(rowsOf(retained)).toEqual({ 'web.tracks': 1, 'web.former': 1 })
    expect(retained.archive).toMatchObject({ imported: 1 })
    expect((await retainNow()).archive).toMatchObject({ imported: 0 })
  })
})

async function open() {
  const workspace = await project.workspace()
  const { archive } = workspace
  if (archive === undefined) throw new Error('there is no archive')
  return { archive, openLog: () => workspace.openLog() }
}
