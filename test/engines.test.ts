/**
 * One project on every engine: the same files and events end in the same profiles, members, plans and twins.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyPlan, type Plan, syncsOf } from '../src/activation/index.ts'
import { readProfiles } from '../src/api/read-profiles.ts'
import { twinMembers, twinState } from '../src/delivery/twin-reader.ts'
import { ENGINES, type Engine, TempProject } from './temp-project.ts'

const FILES = {
  'muster.yaml': `version: 1
sources: { web: { write_key: k }, app: { write_key: l } }
source_tables:
  billing.customers: { file: customers.csv, identifiers: { user_id: uid, email: mail }, text: [zip] }
  crm.contacts: { file: contacts.ndjson, identifiers: { email: address } }
destinations:
  mail: { connector: mailchimp, settings: { list_id: a1b2c3d4e5 } }
`,
  'data/customers.csv': `uid,mail,zip,mrr,since,active,last order
u1, Ann@X.io ,00420,20.5,2024-02-29,true,2026-01-02 03:04:05
u2,bo@x.io,1,0,2025-12-31,false,
u3,ÇA@X.IO,,1e3,,,2026-01-02 03:04:05.678
u4,,99,7,2026-01-01,true,
`,
  'data/contacts.ndjson': `{"address":"ann@x.io","score":7,"tags":["a","b"],"o":{"n":1}}
{"address":"ghost@x.io","score":1.5,"tags":[],"o":null}
`,
  'models/revenue.sql': `/* ---
entity: user
--- */
select profile_id, max(mrr) as mrr, max(zip) as zip, min(since) as customer_since, bool_or(active) as active
from stitched.billing_customers where profile_id is not null group by 1
`,
  'models/clicks.sql': `/* ---
materialize: view
--- */
select profile_id, count(*) as clicks, max("timestamp") as last_click from stitched.clicked where profile_id is not null group by 1
`,
  'models/engagement.sql': `/* ---
entity: user
--- */
select profile_id, clicks, now() as computed_at from models.clicks
`,
  'audiences/paying.sql': `/* ---
send: { mail: { tag: paying, guards: { max_removed_percent: 100 } } }
--- */
select profile_id from profiles where mrr > 0
`,
}

const AS_OF = new Date('2026-03-01T12:00:00Z')
const at = (minute: number) => new Date(Date.UTC(2026, 1, 1, 0, minute)).toISOString()
const identify = (minute: number, userId: string, traits: object, anonymousId?: string) => ({
  ...{ messageId: `i${minute}`, type: 'identify', timestamp: at(minute), userId, traits },
  ...(anonymousId !== undefined && { anonymousId }),
})
const click = (minute: number, anonymousId: string, properties: object) => ({
  ...{ messageId: `t${minute}`, type: 'track', event: 'Clicked', timestamp: at(minute), anonymousId, properties },
})

const EVENTS: readonly (readonly object[])[] = [
  [
    identify(1, 'u1', { email: 'ann@x.io', plan: 'free', logins: 1, name: "Ann O'Brien 📦" }, 'a1'),
    identify(3, 'u2', { email: 'BO@X.IO', logins: 3, address: { city: 'Zürich' }, list: [1, 'two'] }),
    click(4, 'a1', { price: 1, note: 'ünï\tcode\\n "q"' }),
    click(5, 'a2', { price: 2, ok: true }),
    click(5, 'a2', { price: 2, ok: true }),
  ],
  [
    identify(2, 'u1', { plan: 'pro', logins: 2.5 }),
    identify(9, 'u1', { plan: null, logins: 4 }),
    identify(8, 'u2', { logins: 'many' }),
    click(6, 'a1', { price: 1.25, opened: '2026-01-01T00:00:00Z' }),
    { messageId: 'm1', type: 'track', event: 'Late', timestamp: '2026-12-01T00:00:00Z', userId: 'u9' },
  ],
]

/** What can be compared: rows without the ids that engines give in their own order. */
async function seen(project: TempProject, plan: Plan) {
  const rows = (sql: string) => project.rows<Record<string, unknown>>(sql)
  const workspace = await project.workspace()
  const members = await rows('select profile_id from audiences.paying order by profile_id')
  const paying = await readProfiles(
    workspace,
    members.map(({ profile_id }) => Number(profile_id)),
  )
  return {
    profiles: (await rows('select * from profiles')).map(stable).sort(byText),
    users: (await rows('select * from web.users order by id')).map(stable),
    clicked: (await rows('select * from stitched.clicked order by id')).map(stable),
    paying: paying.map(({ traits }) => traits.user_id).sort(),
    memberships: await rows(
      'select count(*) as n, count(left_at) as gone, min(entered_at) as first from muster.memberships',
    ),
    discards: await rows(
      'select table_name, row_id, column_name, column_value, reason from web.discards order by row_id, column_name',
    ),
    files: await rows('select uid, zip, mrr, since, active, "last order" from billing.customers order by uid'),
    plan: plan.syncs.map(({ state, queried, add, update, remove, unchanged, invalid, suppressed, held }) => ({
      ...{ state, queried, add, update, remove, unchanged, invalid, suppressed, held },
    })),
  }
}

/** Without what differs from one run of the test to the next, or is an engine's own numbering. */
const stable = ({
  profile_id: _,
  received_at: __,
  sent_at: ___,
  original_timestamp: ____,
  uuid_ts: _____,
  ...row
}: Record<string, unknown>) => row

const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

async function applied(project: TempProject, plan: Plan) {
  const workspace = await project.workspace()
  const syncs = syncsOf(workspace.definitions.project)
  const { syncs: done } = await applyPlan(workspace.activation, { plan: plan.id, syncs })
  const destination = workspace.definitions.project.destinations.mail
  if (!destination) throw new Error('the project has a destination')
  const { url } = await workspace.destinations.twin(destination)
  const { objects } = await twinState(url)
  const held = objects.find(({ name }) => name === 'paying')
  return {
    delivered: done.map(({ delivered, members_after }) => [delivered, members_after]),
    held: held ? (await twinMembers(url, held.id)).map(({ email_address: address }) => address).sort() : [],
  }
}

/** The whole path, three times: from nothing, with more events, and with other definitions and data. */
async function story(project: TempProject) {
  const told: unknown[] = []
  const run = async (day: number) => {
    const { plan, steps } = await project.run({ asOf: new Date(AS_OF.getTime() + day * 86_400_000) })
    expect(steps.filter(({ state }) => state !== 'done')).toEqual([])
    if (!plan) throw new Error('the project has a sync')
    told.push(await seen(project, plan), await applied(project, plan))
  }
  for (const [day, events] of EVENTS.entries()) {
    await project.land(events)
    await run(day)
  }
  await project.write(
    'data/customers.csv',
    FILES['data/customers.csv'].replace('u4,,99,7', 'u4,dee@x.io,99,7').replace('20.5', '0'),
  )
  await project.write(
    'models/clicks.sql',
    FILES['models/clicks.sql'].replace('count(*) as clicks, ', 'max(price) as clicks, '),
  )
  await run(3)
  return told
}

describe('one project', () => {
  const told = new Map<Engine, readonly unknown[]>()
  const projects: TempProject[] = []

  beforeAll(async () => {
    for (const engine of ENGINES) {
      const project = await TempProject.make(FILES, engine)
      projects.push(project)
      told.set(engine, await story(project))
    }
  }, 120_000)

  afterAll(() => Promise.all(projects.map((project) => project[Symbol.asyncDispose]())))

  test('is the same on every engine', async () => {
    for (const [index, project] of projects.entries()) {
      expect((await project.workspace()).warehouse.dialect.engine).toBe(ENGINES[index])
    }
    expect(told.get('postgres')).toEqual(told.get('duckdb'))
  })

  test.each(ENGINES)('is what it should be on %s', (engine) => {
    const [, , second, , last, twin] = told.get(engine) ?? []
    expect(second).toMatchObject({
      // Per trait the value of the latest timestamp, in whatever order the events came.
      users: [
        { id: 'u1', plan: 'pro', logins: 4, email: 'ann@x.io' },
        { id: 'u2', plan: null, logins: 3 },
      ],
      discards: [{ row_id: 'i8', column_name: 'logins', column_value: 'many' }],
    })
    expect(last).toMatchObject({ paying: ['u3', 'u4'], plan: [{ add: 1, remove: 1, unchanged: 1 }] })
    expect(twin).toEqual({ delivered: [[2, 2]], held: ['dee@x.io', 'ça@x.io'] })
  })
})
