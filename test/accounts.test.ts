/**
 * Accounts on every engine: group calls and a CRM stitch them, users belong to them, audiences are made of them.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { applyPlan, syncsOf } from '../src/activation/index.ts'
import { readProfiles } from '../src/api/read-profiles.ts'
import { audienceMembers, audienceSizes } from '../src/audience/history.ts'
import { twinMembers, twinState } from '../src/delivery/twin-reader.ts'
import type { Entity } from '../src/project/index.ts'
import type { RunResult } from '../src/run/index.ts'
import { ENGINES, type Engine, TempProject } from './temp-project.ts'

/** An account, how many of its users there are, and how many of them were active within thirty days. */
const ACTIVITY = `select a.account_id, count(u.profile_id) as users,
  count(case when p.last_seen > now() - interval '30 days' then 1 end) as active
from accounts a
left join identity.account_users u on u.account_id = a.account_id
left join identity.profiles p on p.profile_id = u.profile_id
group by 1`

const FILES = {
  'muster.yaml': `version: 1
sources: { web: { write_key: k } }
identity: { types: { company_id: { entity: account, normalize: digits } } }
source_tables:
  crm.companies: { file: companies.csv, identifiers: { group_id: domain, company_id: id }, text: [id] }
destinations:
  mail: { connector: mailchimp, settings: { list_id: a1b2c3d4e5 } }
`,
  'data/companies.csv': `id,domain,tier,billing_email
C-1001,acme,gold,billing@acme.io
C-1002,bolt,gold,billing@bolt.io
C-1003,cold,free,billing@cold.io
C-1004,,free,billing@paper.io
`,
  'models/companies.sql': `/* ---
entity: account
--- */
select account_id, max(tier) as tier, max(billing_email) as email, true as consent_mail
from stitched.crm_companies where account_id is not null group by 1
`,
  'models/account_activity.sql': ACTIVITY,
  'audiences/any_active.sql': `/* ---
entity: account
--- */
select account_id from models.account_activity where active > 0
`,
  'audiences/all_active.sql': `/* ---
entity: account
--- */
select account_id from models.account_activity where users > 0 and active = users
`,
  'audiences/none_active.sql': `/* ---
entity: account
send: { mail: { tag: asleep, consent: mail, guards: { max_removed_percent: 100, allow_empty: true } } }
--- */
select account_id from models.account_activity where active = 0
`,
  'audiences/gold_people.sql': `select distinct u.profile_id from identity.account_users u
join accounts a on a.account_id = u.account_id where a.tier = 'gold'
`,
}

const AS_OF = new Date('2026-03-01T12:00:00Z')
const RECENT = '2026-02-20T00:00:00.000Z'
const LONG_AGO = '2025-11-01T00:00:00.000Z'

const seen = (userId: string, timestamp: string) => ({ type: 'track', event: 'Clicked', userId, timestamp })
const group = (userId: string, groupId: string) => ({ type: 'group', userId, groupId, timestamp: LONG_AGO })

/** acme: one awake, one asleep. bolt: both awake. cold: asleep. Company 1004 is in the CRM alone, without users. */
const EVENTS = [
  ...[group('ann', 'acme'), group('abe', 'acme'), group('bea', 'bolt'), group('bob', 'bolt'), group('cid', 'cold')],
  ...[seen('ann', RECENT), seen('bea', RECENT), seen('bob', RECENT), seen('abe', LONG_AGO), seen('dan', RECENT)],
]

let project: TempProject
afterEach(() => project[Symbol.asyncDispose]())

async function begun(engine: Engine, files: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  project = await TempProject.make({ ...FILES, ...files }, engine)
  await project.land(EVENTS)
  return project.run({ asOf: AS_OF })
}

const broken = ({ steps }: RunResult) =>
  steps.filter(({ state }) => state !== 'done').map(({ name, state, message }) => ({ name, state, message }))

/** A trait of the recorded members of an audience, in order. */
async function members(audience: string, trait: string, entity: Entity = 'account'): Promise<readonly unknown[]> {
  const workspace = await project.workspace()
  const present = await audienceMembers(workspace.state, audience, { first: 100, after: 0 })
  const ids = present.map(({ profile_id }) => profile_id)
  return (await readProfiles(workspace, ids, entity)).map(({ traits }) => traits[trait]).sort()
}

async function applied(plan: RunResult['plan']) {
  const { activation, definitions, destinations } = await project.workspace()
  if (!plan) throw new Error('the project has a sync')
  const { syncs } = await applyPlan(activation, { plan: plan.id, syncs: syncsOf(definitions.project) })
  const destination = definitions.project.destinations.mail
  if (!destination) throw new Error('the project has a destination')
  const { url } = await destinations.twin(destination)
  const tag = (await twinState(url)).objects.find(({ name }) => name === 'asleep')
  const held = tag ? (await twinMembers(url, tag.id)).map(({ email_address: address }) => address).sort() : []
  return { suppressed: syncs.map(({ suppressed_since: since }) => since), held }
}

describe.each(ENGINES)('on %s', (engine) => {
  test('a group call and a row of the CRM are one account, and users belong to it', async () => {
    expect(broken(await begun(engine))).toEqual([])
    const accounts = await project.rows('select group_id, company_id, tier, email from accounts order by company_id')
    expect(accounts).toEqual([
      { group_id: 'acme', company_id: '1001', tier: 'gold', email: 'billing@acme.io' },
      { group_id: 'bolt', company_id: '1002', tier: 'gold', email: 'billing@bolt.io' },
      { group_id: 'cold', company_id: '1003', tier: 'free', email: 'billing@cold.io' },
      { group_id: null, company_id: '1004', tier: 'free', email: 'billing@paper.io' },
    ])
    const users = await project.rows(
      `select a.group_id, p.user_id from identity.account_users u join accounts a on a.account_id = u.account_id
       join profiles p on p.profile_id = u.profile_id order by 1, 2`,
    )
    expect(users).toEqual([
      { group_id: 'acme', user_id: 'abe' },
      { group_id: 'acme', user_id: 'ann' },
      { group_id: 'bolt', user_id: 'bea' },
      { group_id: 'bolt', user_id: 'bob' },
      { group_id: 'cold', user_id: 'cid' },
    ])
    // One sequence of ids: what is recorded of an account is never taken for a person's.
    const both = 'select 1 from accounts a join profiles p on p.profile_id = a.account_id'
    expect(await project.rows(both)).toEqual([])
  })

  test('audiences of accounts by any, all or none of their users, and of users by their account', async () => {
    await begun(engine)
    expect(await members('any_active', 'group_id')).toEqual(['acme', 'bolt'])
    expect(await members('all_active', 'group_id')).toEqual(['bolt'])
    expect(await members('none_active', 'email')).toEqual(['billing@cold.io', 'billing@paper.io'])
    expect(await members('gold_people', 'user_id', 'user')).toEqual(['abe', 'ann', 'bea', 'bob'])
  })

  test('membership of accounts has its history', async () => {
    await begun(engine)
    await project.land([seen('cid', '2026-03-02T00:00:00.000Z')])
    expect(broken(await project.run({ asOf: new Date('2026-03-03T12:00:00Z') }))).toEqual([])
    const { state } = await project.workspace()
    const [now, before] = await audienceSizes(state, 'any_active', 2)
    expect([before, now]).toMatchObject([
      { members: 2, entered: 2, left: 0 },
      { members: 3, entered: 1, left: 0 },
    ])
    const left = `select a.group_id, m.entered_at, m.left_at from muster.memberships m
      join accounts a on a.account_id = m.profile_id where m.audience = 'none_active' and m.left_at is not null`
    expect(await project.rows(left)).toEqual([
      { group_id: 'cold', entered_at: AS_OF, left_at: new Date('2026-03-03T12:00:00Z') },
    ])
  })

  test('an account audience is sent with the traits of accounts, and stops with their consent', async () => {
    const first = await begun(engine)
    expect(first.plan?.syncs).toMatchObject([{ add: 2, remove: 0, invalid: 0, suppressed: 0 }])
    expect(await applied(first.plan)).toEqual({ suppressed: [0], held: ['billing@cold.io', 'billing@paper.io'] })
    const again = await project.run({ asOf: AS_OF })
    expect(again.plan?.syncs).toMatchObject([{ add: 0, update: 0, remove: 0, unchanged: 2 }])

    await project.write('data/companies.csv', FILES['data/companies.csv'].replace('billing@cold', 'new@cold'))
    const moved = await project.run({ asOf: AS_OF })
    expect(moved.plan?.syncs).toMatchObject([{ add: 1, remove: 1, unchanged: 1 }])
    await project.write('models/companies.sql', FILES['models/companies.sql'].replace('true as', 'false as'))
    // Built without a plan of its own: the earlier plan may still be applied, and sends nobody who withdrew since.
    await project.run({ selector: 'companies accounts', asOf: AS_OF })
    expect(await applied(moved.plan)).toEqual({ suppressed: [1], held: ['billing@paper.io'] })
  })

  test.each<[Entity, string, string]>([
    ['account', 'select account_id from identity.accounts', '{ tag: all, consent: mail }'],
    ['user', 'select profile_id from identity.profiles', '{ tag: all, mapping: { email: user_id } }'],
  ])(
    'an audience of %s that reads no traits is sent with them, also in a first run of its own',
    async (entity, sql, how) => {
      const front = `/* ---\nentity: ${entity}\nsend: { mail: ${how} }\n--- */\n`
      project = await TempProject.make({ ...FILES, 'audiences/everyone.sql': `${front}${sql}\n` }, engine)
      await project.land(EVENTS)
      const run = await project.run({ selector: 'everyone', asOf: AS_OF })
      expect(broken(run)).toEqual([])
      const sent = entity === 'account' ? { queried: 4, add: 4 } : { queried: 6, invalid: 6 }
      expect(run.plan?.syncs).toMatchObject([{ suppressed: 0, ...sent }])
    },
  )

  test('a historic run has the accounts of its instant', async () => {
    await begun(engine)
    const late = { timestamp: '2026-03-02T00:00:00.000Z' }
    await project.land([
      { ...group('zoe', 'zoo'), ...late },
      { ...group('zed', 'acme'), ...late },
    ])
    await project.run({ asOf: new Date('2026-03-03T12:00:00Z') })
    const past = await project.run({ asOf: new Date('2026-01-01T00:00:00Z') })
    expect(past.run.historic).toBe(true)
    expect(broken(past)).toEqual([])
    const groups = (table: string) =>
      project.rows(`select group_id from ${table} where group_id is not null order by 1`)
    const old = [{ group_id: 'acme' }, { group_id: 'bolt' }, { group_id: 'cold' }]
    expect(await groups('main_asof.accounts')).toEqual(old)
    expect(await groups('accounts')).toEqual([...old, { group_id: 'zoo' }])
    expect(await project.rows('select * from audiences_asof.any_active')).toEqual([])
    const users = 'select count(*) as users from'
    expect(await project.rows(`${users} identity_asof.account_users`)).toEqual([{ users: 5 }])
    expect(await project.rows(`${users} identity.account_users`)).toEqual([{ users: 7 }])
    // What a definition reads as identity.* is of that instant too.
    const most = (table: string) => project.rows(`select max(users) as users from ${table}`)
    expect(await most('models_asof.account_activity')).toEqual([{ users: 2 }])
    expect(await most('models.account_activity')).toEqual([{ users: 3 }])
  })

  test.each([
    [
      'select domain from stitched.crm_companies',
      'has no column account_id, so its rows cannot be told apart by account.',
    ],
    ['select account_id from stitched.groups', 'gives several rows for one account: account'],
    ['select max(account_id) as account_id from stitched.groups where false', '1 rows of models.companies'],
  ])('%s is no model of accounts', async (sql, message) => {
    const run = await begun(engine, { 'models/companies.sql': `/* ---\nentity: account\n--- */\n${sql}\n` })
    const [first, ...rest] = broken(run)
    expect(first).toMatchObject({ name: 'models.companies', state: 'failed' })
    expect(first?.message).toContain(message)
    expect(rest.map(({ name }) => name)).toContain('accounts')
  })

  test('a trait of two models is told, and so is a table accounts that somebody else made', async () => {
    await begun(engine, {
      'models/tiers.sql': `/* ---\nentity: account\n--- */\nselect account_id, 1 as tier from identity.accounts\n`,
    }).then((run) =>
      expect(broken(run)[0]?.message).toContain('Trait "tier" is given by both models.companies and models.tiers'),
    )
    const { warehouse } = await project.workspace()
    const main = warehouse.dialect.mainSchema
    await warehouse.transaction('build', (session) => session.run(`create table ${main}.accounts as select 7 as mine`))
    await project.write('models/tiers.sql', 'select 1 as tier\n')
    expect(broken(await project.run({ asOf: AS_OF }))[0]?.message).toContain('that Muster did not make')
    expect(await project.rows(`select * from ${main}.accounts`)).toEqual([{ mine: 7 }])
  })
})
