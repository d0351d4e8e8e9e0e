import { tmpdir } from 'node:os'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase } from '../../../test/postgres/database.ts'
import type { Warehouse } from '../warehouse.ts'
import { openPostgres } from './postgres-warehouse.ts'

const WIDEN = 'alter table "web"."clicked" alter column "n" type double precision'

let warehouse: Warehouse
/** Somebody else with the same rights. */
let analyst: pg.Client
beforeAll(async () => {
  const url = await freshDatabase()
  warehouse = await openPostgres({ url, scratch: tmpdir(), data: tmpdir() })
  analyst = new pg.Client(url)
  await analyst.connect()
  await analyst.query('create role bi')
})
afterAll(async () => {
  await analyst.end()
  await warehouse[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await analyst.query('drop schema if exists web cascade; create schema web')
  await analyst.query('create table web.clicked (id text, n bigint, other text)')
  await analyst.query(`insert into web.clicked values ('a', 9007199254740993, 'x')`)
})

const own = (name: string, sql: string, kind: 'table' | 'view' = 'view') =>
  warehouse.transaction('build', (session) => session.replace({ kind, schema: 'web', name, sql }))
const typeOf = async (table: string, column: string) =>
  (await warehouse.columns('web')).get(`web.${table}`)?.get(column)
const grants = async () => {
  const { rows } = await analyst.query(
    `select table_name || ' ' || privilege_type as right from information_schema.table_privileges
     where grantee = 'bi' and table_schema = 'web' order by 1`,
  )
  return rows.map(({ right }) => right)
}

describe('a column that views read', () => {
  test('is retyped under those of Muster, which stand again with their rights', async () => {
    await own('first', 'select id, n from web.clicked')
    await own('second', 'select f.n + 1 as more, c.id from web.first f join web.clicked c using (id)')
    await analyst.query('grant select on web.second to bi; grant select (id), update (id) on web.first to bi')
    await warehouse.define([WIDEN])
    expect([await typeOf('clicked', 'n'), await typeOf('first', 'n'), await typeOf('second', 'more')]).toEqual(
      Array(3).fill('float'),
    )
    expect(await grants()).toEqual(['second SELECT'])
    const { rows } = await analyst.query(`select has_column_privilege('bi', 'web.first', 'id', 'select') as "column"`)
    expect(rows).toEqual([{ column: true }])
    await warehouse.define(['alter table "web"."clicked" alter column "n" type text']).catch(() => {})
  })

  test.each([
    ['a view', 'create view web.theirs as select n from web.clicked'],
    ['a view over one of Muster', 'create view web.theirs as select n from web.mine'],
    ['a materialised view', 'create materialized view web.theirs as select n from web.clicked'],
  ])('stays where %s is not of Muster, and nothing changes', async (_, sql) => {
    await own('mine', 'select n from web.clicked')
    await analyst.query(sql)
    await expect(
      warehouse.define(['alter table "web"."clicked" add column "more" bigint', WIDEN]),
    ).rejects.toMatchObject({
      code: 'column_in_use',
      message: expect.stringContaining('web.theirs'),
    })
    expect([await typeOf('clicked', 'n'), await typeOf('clicked', 'more')]).toEqual(['int', undefined])
    expect(await typeOf('theirs', 'n')).toBe('int')
  })

  test('does not matter to views of other columns', async () => {
    await analyst.query('create view web.theirs as select other from web.clicked')
    await warehouse.define([WIDEN])
    expect(await typeOf('clicked', 'n')).toBe('float')
  })

  test('stays where a view would not bear the new type', async () => {
    await analyst.query(`create function web.whole(bigint) returns text language sql as 'select $1::text'`)
    await own('mine', 'select web.whole(n) as t from web.clicked')
    await expect(warehouse.define([WIDEN])).rejects.toMatchObject({ code: 'column_in_use', message: /web\.mine/ })
    expect([await typeOf('clicked', 'n'), await typeOf('mine', 't')]).toEqual(['int', 'string'])
  })

  test('a view whose comment was replaced is no longer of Muster', async () => {
    await own('mine', 'select n from web.clicked')
    await analyst.query(`comment on view web.mine is 'ours now'`)
    await expect(warehouse.define([WIDEN])).rejects.toMatchObject({ code: 'column_in_use' })
  })
})

describe('a table that is replaced', () => {
  test('keeps its rights and the views of Muster', async () => {
    await own('made', 'select 1 as n, 2 as m', 'table')
    await own('over', 'select n from web.made')
    await analyst.query('grant select on web.made, web.over to bi')
    await own('made', `select 'x' as n`, 'table')
    expect(await grants()).toEqual(['made SELECT', 'over SELECT'])
    expect((await analyst.query('select * from web.over')).rows).toEqual([{ n: 'x' }])
  })

  test('under a view of others has its rows exchanged, or stays when its columns change', async () => {
    await own('made', 'select 1 as n', 'table')
    await analyst.query('create view web.theirs as select n from web.made')
    await own('made', 'select 2 as n', 'table')
    expect((await analyst.query('select * from web.theirs')).rows).toEqual([{ n: 2 }])
    await expect(own('made', `select 'x' as n`, 'table')).rejects.toMatchObject({
      code: 'column_in_use',
      message: expect.stringContaining('web.theirs'),
    })
    expect((await analyst.query('select * from web.theirs')).rows).toEqual([{ n: 2 }])
  })

  test('gives up a view of Muster that reads a column no more there: its own run makes it anew', async () => {
    await own('made', 'select 1 as n, 2 as m', 'table')
    await own('over', 'select m from web.made')
    await own('made', 'select 1 as n', 'table')
    expect([...((await warehouse.columns('web')).keys() ?? [])]).toEqual(['web.clicked', 'web.made'])
  })
})

describe('a table that others hold', () => {
  test('is changed as soon as they are done', async () => {
    await analyst.query('begin; select * from web.clicked')
    const changing = warehouse.define(['alter table "web"."clicked" add column "more" bigint'])
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1)
    await analyst.query('commit')
    await changing
    expect(await typeOf('clicked', 'more')).toBe('int')
  })

  test('for ever stays as it is, and readers are let by meanwhile', { timeout: 60_000 }, async () => {
    await analyst.query('begin; select * from web.clicked')
    const changing = warehouse.define(['alter table "web"."clicked" add column "more" bigint']).catch((error) => error)
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1)
    // Reads queue behind a change that waits, but not for long.
    await warehouse.session((session) => session.query('select * from web.clicked', [], { timeoutMs: 8000 }))
    expect(await changing).toMatchObject({ code: 'warehouse_busy' })
    await analyst.query('commit')
    expect(await typeOf('clicked', 'more')).toBeUndefined()
  })

  const waiting = async () => {
    const { rows } = await analyst.query(
      `select count(*)::int as n from pg_locks where not granted and locktype = 'relation'
        and database = (select oid from pg_database where datname = current_database())`,
    )
    return rows[0]?.n
  }
})
