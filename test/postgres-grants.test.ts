/**
 * Least privilege: Muster with the grants that docs/operating.md asks for, and not one more.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PostgresServer } from './postgres/postgres-server.ts'
import { TempProject } from './temp-project.ts'

let server: PostgresServer
let admin: pg.Client
let project: TempProject
beforeAll(async () => {
  server = await PostgresServer.start(process.env.MUSTER_POSTGRES)
  admin = new pg.Client(await server.createDatabase('warehouse'))
  await admin.connect()
  const page = await readFile(join(import.meta.dirname, '../docs/operating.md'), 'utf8')
  const grants = /```sql\n([\s\S]*?)```/.exec(page)?.[1]
  if (grants === undefined) throw new Error('docs/operating.md has no grants')
  // What PUBLIC may do by default is more than many databases allow.
  await admin.query('revoke all on database warehouse from public; revoke all on schema public from public')
  await admin.query(grants)
  await admin.query(`create schema theirs; create table theirs.secret as select 'x' as n`)
  project = await TempProject.make({
    'muster.yaml': `version: 1
warehouse: { engine: postgres, url: "${server.url('warehouse', 'muster')}", query_role: muster_reader }
sources: { web: { write_key: k } }
source_tables: { billing.customers: { file: c.csv, identifiers: { user_id: uid } } }
`,
    'data/c.csv': 'uid,mrr\nu1,5\nu2,0\n',
    'models/value.sql':
      '/* ---\nentity: user\nmaterialize: view\n--- */\nselect profile_id, max(mrr) as mrr from stitched.billing_customers where profile_id is not null group by 1',
    'audiences/paying.sql': 'select profile_id from profiles where mrr > 0',
  })
}, 60_000)
afterAll(async () => {
  await project[Symbol.asyncDispose]()
  await admin.end()
  await server[Symbol.asyncDispose]()
})

const ask = async (sql: string) => (await project.workspace()).warehouse.userQuery(sql, { maxRows: 10 })
const identify = (traits: object) => ({ type: 'identify', userId: 'u1', traits })

test('Muster lands events, widens columns, stitches, builds and plans', async () => {
  await project.land([identify({ age: 1 })])
  const first = await project.run()
  expect(first.steps.filter(({ state }) => state !== 'done')).toEqual([])
  await project.land([identify({ age: 1.5 })])
  const second = await project.run()
  expect(second.steps.filter(({ state }) => state !== 'done')).toEqual([])
  expect(await project.rows('select count(*) as n from audiences.paying')).toEqual([{ n: 1 }])
  const columns = (await (await project.workspace()).warehouse.columns('web')).get('web.identifies')
  expect(columns?.get('age')).toBe('float')
})

test.each([
  'select * from profiles',
  'select * from audiences.paying',
  'select * from models.value',
  'select * from web.identifies',
  'select * from stitched.identifies',
  'select * from billing.customers',
  'select * from identity.profiles',
])('readers see %s, also after it was made anew', async (sql) => {
  await expect(ask(sql)).resolves.toHaveProperty('rows')
})

test.each(['select * from theirs.secret', 'select has_table_privilege($$muster.runs$$, $$select$$) from muster.runs'])(
  'readers do not see %s',
  async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({ code: 'warehouse_refused' })
  },
)

test('the schema of state is closed to the role itself, not only to what is asked through Muster', async () => {
  await admin.query('begin; set local role muster_reader')
  await expect(admin.query('select * from muster.runs')).rejects.toThrow('permission denied for schema muster')
  await admin.query('rollback')
})
