import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ALL, ended, newProject, payloadOf, refusal, type Sent } from '../../../test/logged-project.ts'
import { patient, runs } from '../../core/test/patience.ts'
import type { ReplayRequest } from './replay-record.ts'

const DAYS: readonly Sent[] = [
  { id: 'm1', day: 1, event: 'Paid', properties: { amount: 1 } },
  { id: 'm2', day: 2, event: 'Paid', properties: { amount: 2.5 } },
  { id: 'm3', day: 3, properties: { plan: 'pro' } },
  { id: 'm4', day: 4, event: 'Quit', properties: { why: 'price' }, source: 'app' },
  { id: 'm5', day: 5, event: 'Paid', properties: { amount: 7 } },
]

/** Five days in log and archive, all landed. */
async function fiveDays() {
  const project = await newProject()
  await project.collect([...DAYS.map(payloadOf), refusal(5)])
  await project.catchUp()
  await project.archive()
  return { ...project, before: await project.tables() }
}

test('what is there stays as it is; what is gone comes back with its position and times', async () => {
  const { replay, run, tables, before } = await fiveDays()
  expect(await replay()).toMatchObject({ state: 'done', records: 6, total: 6, events: 5, landed: 0, duplicates: 5 })
  await run(`delete from web.tracks where id = 'm1'`)
  await run(`delete from web.paid where id = 'm1'`)
  await run('drop table app.quit')
  await run('delete from web.users')
  await run('delete from muster.rejected_events')
  expect(await replay()).toMatchObject({ state: 'done', landed: 3, duplicates: 2, rejected: 1 })
  expect(await tables()).toEqual(before)
  expect(await replay()).toMatchObject({ landed: 0, rejected: 0 })
})

test('rows changed by hand stay, and come back with overwrite', async () => {
  const { replay, run, tables, before } = await fiveDays()
  await run(`update web.paid set amount = 99 where id = 'm2'`)
  await run(`update web.tracks set event_text = 'other', received_at = '2020-01-01' where id = 'm2'`)
  await run(`update web.users set plan = 'free'`)
  await run(`insert into app.quit (id) values ('m4'), ('m4')`)
  // As if it had flattened to another table before.
  await run(`insert into web.paid (id) values ('m3')`)
  await replay()
  expect(await tables()).not.toEqual(before)
  expect(await replay({ overwrite: true })).toMatchObject({ state: 'done', landed: 5, duplicates: 0 })
  expect(await tables()).toEqual(before)
})

test.each<[string, Partial<ReplayRequest>, readonly string[]]>([
  ['a source', { source: 'app' }, ['m4']],
  [
    'days, the last not included',
    { from_time: new Date('2026-01-02T12:00:00Z'), to_time: new Date('2026-01-05T12:00:00Z') },
    ['m2', 'm3', 'm4'],
  ],
  ['a predicate', { predicate: 'properties.amount > 2 or $source = "app"' }, ['m2', 'm4', 'm5']],
  ['both', { source: 'web', predicate: 'event = "Paid"', from_time: new Date('2026-01-02') }, ['m2', 'm5']],
])('only what is asked for: %s', async (_name, request, expected) => {
  const { replay, run } = await fiveDays()
  for (const table of ['web.tracks', 'web.paid', 'web.identifies', 'web.users', 'app.tracks', 'app.quit'])
    await run(`delete from ${table}`)
  expect(await replay(request)).toMatchObject({ state: 'done', landed: expected.length })
  const rows = await run(
    'select id from web.tracks union all select id from web.identifies union all select id from app.tracks order by 1',
  )
  expect(rows.map((row) => Object.values(row)[0])).toEqual(expected)
})

test('a predicate that fails on an event leaves it out and says so', async () => {
  const { replay } = await fiveDays()
  const done = await replay({ predicate: '$number(properties.why) > 1' })
  expect(done).toMatchObject({ state: 'done', events: 0, untested: 1 })
  expect(done.untested_reason).toMatch(/^record 4: .*"price"/)
  expect((await replay({ predicate: 'event' })).untested_reason).toBe('record 1: it gives "Paid", not true or false')
  await expect(replay({ predicate: 'event = ' })).rejects.toMatchObject({
    code: 'predicate_invalid',
    message: expect.stringContaining('1:'),
  })
})

test('a dry run counts and changes nothing', async () => {
  const { replay, run, tables } = await fiveDays()
  await run(`delete from web.paid where id = 'm1'`)
  await run('drop table app.tracks')
  await run('drop table app.quit')
  const before = await tables()
  const done = await replay({ dry_run: true })
  expect(JSON.parse(done.counts)).toEqual([
    { source: 'web', event: 'Paid', events: 3, present: 3, partial: 1 },
    { source: 'web', event: 'identifies', events: 1, present: 1, partial: 0 },
    { source: 'app', event: 'Quit', events: 1, present: 0, partial: 0 },
  ])
  expect(await tables()).toEqual(before)
})

test('days that are nowhere are refused by their dates', async () => {
  const { replay, project } = await fiveDays()
  const archive = join(project.dir, '.muster/archive')
  const [first = '', second = ''] = (await readdir(archive)).filter((name) => name.endsWith('.gz')).sort()
  await rm(join(archive, second))
  const done = await replay()
  expect(done.state).toBe('failed')
  expect(done.error).toMatch(
    /^Neither log nor archive holds records \d to \d, received from 2026-01-0\dT12:00:00.000Z until 2026-01-0\dT12:00:00.000Z\.$/,
  )
  await rm(join(archive, first))
  expect((await replay()).error).toMatch(/records 1 to \d, received until 2026/)
  expect(await replay({ from_time: new Date('2026-01-05T12:00:00Z') })).toMatchObject({ state: 'done', events: 1 })
})

test('the first copy of a message wins again, also against copies in later batches and imports', async () => {
  const { project, collect, catchUp, replay, tables } = await newProject()
  await collect([
    payloadOf({ id: 'm1', day: 1, event: 'First', properties: { n: 1 } }),
    payloadOf({ id: 'm2', day: 1, event: 'Other' }),
    payloadOf({ id: 'm1', day: 3, event: 'Second', properties: { n: 2 } }),
  ])
  await catchUp()
  await project.land([
    { type: 'track', event: 'Third', userId: 'u', messageId: 'm1', receivedAt: '2026-01-02T00:00:00Z' },
  ])
  const before = await tables()
  expect(await replay({ rate: 2, overwrite: true })).toMatchObject({ events: 4, landed: 2, duplicates: 2 })
  expect(await tables()).toEqual(before)
  expect(await replay({ rate: 2 })).toMatchObject({ landed: 0, duplicates: 4 })
  expect(await tables()).toEqual(before)
})

test('a replay that was stopped goes on where it stopped', async () => {
  const { project, replay, run, before, tables } = await fiveDays()
  const { replays } = await project.workspace()
  await run('delete from web.tracks')
  const { id } = await replays.start({ ...ALL, rate: 2 })
  await expect.poll(async () => (await replays.read(id))?.records).toBeGreaterThan(0)
  await replays.stop(id)
  expect(await ended(project, id)).toMatchObject({ state: 'stopped', error: null })
  expect(await tables()).not.toEqual(before)
  await replays.goOn(id)
  expect(await ended(project, id)).toMatchObject({ state: 'done', records: 6, total: 6, events: 5, landed: 3 })
  expect(await tables()).toEqual(before)
  await expect(replays.stop('none')).rejects.toMatchObject({ code: 'not_found' })
  await expect(replay({ from_time: new Date(2), to_time: new Date(1) })).rejects.toMatchObject({ code: 'usage' })
})

/** What may have happened to the rows of an event. */
const damage = fc.constantFrom('none', 'missing', 'no primary row', 'no event row', 'changed')
const sent = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  day: fc.integer({ min: 1, max: 3 }),
  event: fc.option(fc.constantFrom('Paid', 'Left', 'Seen'), { nil: undefined }),
  properties: fc.record({ n: fc.oneof(fc.integer(), fc.constant('text')) }),
})

test('whatever became of rows, a replay ends in the tables of one uninterrupted load', {
  timeout: patient(120_000),
}, async () => {
  const { collect, catchUp, archive, replay, run, tables } = await newProject()
  // So that there are the tables of every type.
  await collect([payloadOf({ id: 'first' })])
  await catchUp()
  await fc.assert(
    fc.asyncProperty(
      fc.array(sent, { minLength: 1, maxLength: 12 }),
      fc.array(damage, { minLength: 6, maxLength: 6 }),
      fc.boolean(),
      async (events, damages, overwrite) => {
        const [{ run: last = 0 } = {}] = (await run('select max(id) as run from muster.loads')) as {
          run: number | null
        }[]
        const prefix = `${last ?? 0}.`
        await collect(events.map((event) => payloadOf({ ...event, id: prefix + event.id })))
        await catchUp()
        if (overwrite) await archive()
        const before = await tables()
        for (const [index, kind] of damages.entries()) {
          await spoil(run, prefix + 'abcdef'.charAt(index), kind, overwrite)
        }
        expect(await replay({ overwrite })).toMatchObject({ state: 'done', error: null })
        expect(await tables()).toEqual(before)
      },
    ),
    { numRuns: runs(4) },
  )
})

/** A row changed by hand comes back only with overwrite. */
async function spoil(run: (sql: string) => Promise<object[]>, id: string, kind: string, overwrite: boolean) {
  const tables = (await run(
    `select table_name as name from information_schema.columns where table_schema = 'web' and column_name = 'id' and table_name <> 'users'`,
  )) as { name: string }[]
  for (const { name } of tables) {
    const primary = name === 'tracks' || name === 'identifies'
    const goes = kind === 'missing' || kind === (primary ? 'no primary row' : 'no event row')
    if (goes) await run(`delete from web."${name}" where id = '${id}'`)
    if (kind === 'changed' && overwrite) await run(`update web."${name}" set context_ip = 'x' where id = '${id}'`)
  }
  if (kind === 'missing') await run(`delete from web.discards where row_id = '${id}'`)
  if (kind === 'missing') await run(`delete from web.users where id = 'user of ${id}'`)
}

test('what the consumer has not landed yet is left to it', async () => {
  const { collect, catchUp, replay, run } = await newProject()
  await collect([payloadOf({ id: 'm1', event: 'Paid' }), refusal(2)])
  expect(await replay()).toMatchObject({ state: 'done', records: 0 })
  await catchUp()
  expect(await run('select position from muster.rejected_events')).toEqual([{ position: 2 }])
})

test('rows of a table whose id was renamed are not doubled', async () => {
  const { project, replay, run, before, tables } = await fiveDays()
  await run('alter table web.paid rename column id to gone')
  expect(await replay()).toMatchObject({ state: 'done', landed: 0 })
  const failed = await replay({ overwrite: true })
  expect(failed).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('The table web.paid cannot be searched'),
  })
  await run('alter table web.paid rename column gone to id')
  await (await project.workspace()).replays.goOn(failed.id)
  expect(await ended(project, failed.id)).toMatchObject({ state: 'done' })
  expect(await tables()).toEqual(before)
})
