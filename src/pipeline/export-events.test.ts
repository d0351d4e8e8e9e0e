import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ended, newProject, payloadOf, refusal, type Sent } from '../../test/logged-project.ts'
import { exportEvents } from './export-events.ts'

type LoggedProject = Awaited<ReturnType<typeof newProject>>

async function exportOf({ project }: LoggedProject, wish: { source?: string; from?: Date; to?: Date } = {}) {
  const parent = await mkdtemp(join(tmpdir(), 'muster-export-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const folder = join(parent, 'out')
  const { definitions, archive, openLog } = await project.workspace().then((workspace) => ({
    definitions: workspace.definitions,
    archive: workspace.archive,
    openLog: () => workspace.openLog(),
  }))
  await using log = openLog()
  const { dir } = definitions.project.log
  const signal = new AbortController().signal
  const input = { dir, log, archive, folder, signal, report: () => {}, ...wish }
  return { folder, input, done: await exportEvents(input) }
}

const EVENTS: readonly Sent[] = [
  {
    id: 'm1',
    day: 1,
    event: 'Paid',
    properties: { amount: 1, deep: { list: [1, 'a'] }, at: '2026-01-01T10:00:00+02:00' },
  },
  { id: 'm2', day: 1, event: 'SELECT', properties: { amount: 'text', emoji: '🙂\u2028', long: '9007199254740993' } },
  { id: 'm3', day: 2, properties: { plan: 'pro', email: 'a@x.io' } },
  { id: 'm1', day: 2, event: 'Copy' },
  { id: 'm4', day: 3, event: '', properties: { lost: true } },
  { id: 'm1', day: 3, event: 'Paid', source: 'app' },
]

/** Archive, log and an import. */
async function filled(): Promise<LoggedProject> {
  const logged = await newProject()
  await logged.collect([...EVENTS.slice(0, 4).map(payloadOf), refusal(2)])
  await logged.catchUp()
  await logged.archive()
  await logged.collect(EVENTS.slice(4).map(payloadOf), 1e6)
  await logged.catchUp()
  await logged.project.land([
    {
      type: 'page',
      anonymousId: 'x',
      messageId: 'old',
      receivedAt: '2020-02-29T23:59:59+01:00',
      properties: { url: 'https://x.io' },
    },
    {
      type: 'group',
      userId: 'user of m3',
      groupId: 'g',
      messageId: 'm9',
      timestamp: '2019-01-01',
      traits: { name: 'G' },
    },
  ])
  return logged
}

test('what is exported and imported makes the same tables', async () => {
  const logged = await filled()
  const { folder, done } = await exportOf(logged)
  expect(done).toMatchObject({ events: 8, rejected: 1 })
  const other = await newProject()
  const { imports } = await other.project.workspace()
  for (const name of done.files) {
    const { id } = await imports.start({ file: join(folder, name), source: name.split('/')[0] ?? '' })
    await expect.poll(async () => (await imports.read(id))?.state, { timeout: 10_000 }).toBe('done')
  }
  const [exported, imported] = [await logged.tables(), await other.tables()].map(withoutPosition)
  expect(imported).toEqual(exported)
  expect(Object.keys(imported ?? {})).toContain('web.discards')
})

function withoutPosition(tables: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [
      name,
      rows.map((row) => row.replace(/"_position":\d+,?/, '')).sort(),
    ]),
  )
}

test('files are by source and day, and of what is asked for only', async () => {
  const logged = await filled()
  const { folder, done } = await exportOf(logged, {
    source: 'web',
    from: new Date('2026-01-01'),
    to: new Date('2026-01-03'),
  })
  expect(done.files).toEqual(['web/2026-01-01.ndjson', 'web/2026-01-02.ndjson'])
  expect(await readdir(join(folder, 'web'))).toEqual(['2026-01-01.ndjson', '2026-01-02.ndjson'])
  const lines = (await readFile(join(folder, 'web/2026-01-01.ndjson'), 'utf8')).trim().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ messageId: 'm1', receivedAt: '2026-01-01T12:00:00.000Z' })
  expect(lines).toHaveLength(2)
})

test('a folder that holds something is not written to', async () => {
  const { input } = await exportOf(await filled())
  await expect(exportEvents(input)).rejects.toMatchObject({ code: 'export_folder_used' })
})

test('the same after the archive is replayed into an empty warehouse', async () => {
  const logged = await filled()
  const before = await logged.tables()
  for (const schema of ['web', 'app']) await logged.run(`drop schema ${schema} cascade`)
  await logged.run('delete from muster.rejected_events')
  await logged.project.close()
  const { replays } = await logged.project.workspace()
  const { id } = await replays.start({
    source: null,
    from_time: null,
    to_time: null,
    predicate: '',
    overwrite: false,
    dry_run: false,
    rate: null,
  })
  expect(await ended(logged.project, id)).toMatchObject({ state: 'done', landed: 7, duplicates: 1, rejected: 1 })
  expect(await logged.tables()).toEqual(before)
})
