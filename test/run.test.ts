import { afterEach, beforeEach, expect, test } from 'vitest'
import { TempProject } from './temp-project.ts'

const FILES = {
  'muster.yaml': `version: 1
sources: { web: { write_key: k } }
source_tables:
  billing.customers: { file: customers.csv, identifiers: { email: email } }
destinations:
  mail: { connector: mailchimp, settings: { list_id: a1b2c3d4e5 } }
`,
  'data/customers.csv': `id,email,mrr\n${Array.from({ length: 10 }, (_, index) => `${index},p${index}@x.io,${index}`).join('\n')}\n`,
  'models/value.sql': `/* ---
entity: user
--- */
select profile_id, max(mrr) as mrr, now() as computed_at from stitched.billing_customers where profile_id is not null group by 1
`,
  'audiences/paying.sql': `/* ---
send: { mail: { tag: paying } }
--- */
select profile_id from profiles where mrr > 0
`,
}
let project: TempProject

beforeEach(async () => {
  project = await TempProject.make(FILES)
})

afterEach(() => project[Symbol.asyncDispose]())

const stateOf = ({ steps }: { steps: readonly { name: string; state: string }[] }) =>
  Object.fromEntries(steps.map(({ name, state }) => [name, state]))

test('now() is the instant of the run, and members are recorded with it', async () => {
  const asOf = new Date('2026-03-01T12:00:00Z')
  const { run, plan } = await project.run({ asOf })
  expect(run.state).toBe('done')
  expect(await project.rows('select distinct computed_at from models.value')).toEqual([{ computed_at: asOf }])
  expect(await project.rows('select count(*) as members, min(entered_at) as at from muster.memberships')).toEqual([
    { members: 9, at: asOf },
  ])
  expect(plan?.syncs[0]).toMatchObject({ queried: 9, add: 9 })
})

test('a failing model keeps its rows; what reads it is skipped, stale and not sent, until it is mended', async () => {
  await project.run()
  await project.write('models/value.sql', `${FILES['models/value.sql']} having 1 / 0 = 'x'`)
  const failed = await project.run()
  expect(failed.run.state).toBe('failed')
  expect(stateOf(failed)).toMatchObject({
    'models.value': 'failed',
    profiles: 'skipped',
    'audiences.paying': 'skipped',
  })
  expect(failed.plan?.syncs[0]?.state).toBe('stale')
  expect(await project.rows('select count(*) as rows from models.value')).toEqual([{ rows: 10 }])
  await project.write('models/value.sql', FILES['models/value.sql'])
  const mended = await project.run()
  expect(mended.run.state).toBe('done')
  expect(mended.plan?.syncs[0]?.state).toBe('ready')
})

test('a broken grain keeps the rows before it', async () => {
  await project.run()
  await project.write(
    'audiences/paying.sql',
    `${FILES['audiences/paying.sql']} union all select profile_id from profiles`,
  )
  const { run, steps } = await project.run()
  expect(run.state).toBe('failed')
  expect(steps.find(({ name }) => name === 'audiences.paying')?.message).toContain('several rows for one profile')
  expect(await project.rows('select count(*) as rows from audiences.paying')).toEqual([{ rows: 9 }])
})

test('an earlier instant is evaluated beside the present, which it leaves alone', async () => {
  await project.run({ asOf: new Date('2026-03-01T00:00:00Z') })
  const look = () =>
    project.rows(`select * from audiences.paying, (select count(*) as m from muster.memberships) order by 1`)
  const before = await look()
  const { run, plan } = await project.run({ asOf: new Date('2026-02-01T00:00:00Z') })
  expect(run).toMatchObject({ historic: true, state: 'done' })
  expect(plan).toBeUndefined()
  expect(await look()).toEqual(before)
  expect(await project.rows('select distinct computed_at from models_asof.value')).toEqual([
    { computed_at: new Date('2026-02-01T00:00:00Z') },
  ])
})

test.each([
  ['empty', 'id,email,mrr\n'],
  ['less than half', 'id,email,mrr\n1,p1@x.io,1\n'],
])('a data file that is %s is stopped by a guard, and everything stays', async (_, text) => {
  await project.run()
  await project.write('data/customers.csv', text)
  const stopped = await project.run()
  expect(stopped.run.state).toBe('stopped')
  expect(stateOf(stopped)).toMatchObject({ 'billing.customers': 'stopped', 'audiences.paying': 'skipped' })
  expect(stopped.plan?.syncs[0]?.state).toBe('stale')
  expect(await project.rows('select count(*) as rows from billing.customers')).toEqual([{ rows: 10 }])
  const allowed = await project.run({ allowShrink: ['billing.customers'] })
  expect(stateOf(allowed)['billing.customers']).toBe('done')
})

test('a run sees no event later than its instant, and none of a later load', async () => {
  const event = (userId: string, timestamp: string) => ({ type: 'track', event: 'Clicked', userId, timestamp })
  await project.land([event('u1', '2026-01-01T00:00:00Z'), event('u2', '2026-06-01T00:00:00Z')])
  await project.run({ asOf: new Date('2026-02-01T00:00:00Z') })
  await project.land([event('u3', '2026-01-02T00:00:00Z')])
  expect(await project.rows('select user_id from stitched.clicked')).toEqual([{ user_id: 'u1' }])
})

test('an invalid change is refused with its place, and nothing is run', async () => {
  await project.run()
  await project.write('audiences/paying.sql', 'select profile_id fro profiles')
  await expect(project.run()).rejects.toMatchObject({ code: 'project_invalid' })
  expect(await project.rows('select count(*) as runs from muster.runs')).toEqual([{ runs: 1 }])
})
