import { tmpdir } from 'node:os'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase } from '../../../test/postgres/database.ts'
import type { Warehouse } from '../warehouse.ts'
import { openPostgres } from './postgres-warehouse.ts'

let open: Warehouse
let reader: Warehouse
let admin: pg.Client
beforeAll(async () => {
  const url = await freshDatabase()
  const folders = { scratch: tmpdir(), data: tmpdir() }
  admin = new pg.Client(url)
  await admin.connect()
  await admin.query(`create schema muster; create table muster.tokens as select 'hidden' as token;
    create schema prod_muster; create table prod_muster.tokens as select 'hidden' as token;
    create table public.t as select 1 as n; analyze; create role reading; grant select on public.t to reading;
    create function public.own_function() returns text language sql as $$ select token from muster.tokens $$`)
  open = await openPostgres({ url, ...folders })
  reader = await openPostgres({ url, ...folders, queryRole: 'reading' })
})
afterAll(async () => {
  await admin.end()
  await open[Symbol.asyncDispose]()
  await reader[Symbol.asyncDispose]()
})

const BREAKOUTS = [
  'select * from muster.tokens',
  'select * from "muster" . /* */ tokens',
  'select * from MUSTER.tokens',
  'select * from prod_muster.tokens',
  'select * from U&"\\006duster".tokens',
  'table muster.tokens',
  `select query_to_xml('select * from muster.tokens', true, true, '')`,
  `select table_to_xml('muster.tokens', true, true, '')`,
  `select database_to_xml(true, true, '')`,
  `select * from ts_stat('select to_tsvector(token) from muster.tokens')`,
  'select own_function()',
  `select most_common_vals from pg_stats where tablename = 'tokens'`,
  'select query from pg_stat_activity',
  `select pg_read_file('/etc/passwd')`,
  `select "pg_read_file"('/etc/passwd')`,
  `select ('/etc/passwd'::text).pg_read_file`,
  `select t.pg_read_file from unnest(array['/etc/passwd']) t`,
  `select pg_ls_dir('/')`,
  `select lo_import('/etc/passwd')`,
  `select lo_export(1, '/tmp/x')`,
  `select set_config('role', 'none', true), set_config('transaction_read_only', 'off', true)`,
  'select pg_terminate_backend(pid) from pg_locks',
  'select pg_cancel_backend(pid) from pg_locks',
  'select pg_advisory_lock(1)',
  'select pg_try_advisory_lock_shared(1, 2)',
  `select lo_get(1), lo_put(1, 0, '')`,
  'select * from pg_file_settings',
  'select * from information_schema.user_mapping_options',
  ...['\n', ' -- more\n', '\r\n\t', ' \n -- more\n-- and more\r'].flatMap((between) => [
    `select E'a'${between}'\\'', (select count(*) from muster.tokens), ' '`,
    `select e'a'${between}'b'${between}'\\'', pg_read_file('/etc/passwd'), ' '`,
    `select 'a'${between}'\\', pg_advisory_lock(1), ' '`,
  ]),
  `select \u00a0E'\\', pg_advisory_lock(1), ' \\''`, // a space that is none of Postgres begins a name
  `select pg_notify('x', 'y')`,
  `select nextval('s')`,
  'with gone as (delete from t returning *) select * from gone',
  'select * into copied from t',
  'select * from t for update',
  `copy t to '/tmp/x'`,
  `copy t to program 'id'`,
  'do $$ begin delete from t; end $$',
  'call nothing()',
  'set role postgres',
  'reset role',
  'lock t',
  'truncate t',
  'listen x',
  'explain analyze delete from t',
  'prepare p as select 1',
  '/* /* select */ */ delete from t',
  '-- select\ndelete from t',
] as const

describe.each([
  ['with the rights of Muster', () => open],
  ['with those of a role', () => reader],
])('%s', (_, warehouse) => {
  test.each(BREAKOUTS)('%s is refused', async (sql) => {
    await expect(warehouse().userQuery(sql, { maxRows: 10, timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'warehouse_refused',
    })
    expect((await admin.query('select n from t')).rows).toEqual([{ n: 1 }])
  })

  test.each([
    [`select 'muster.tokens pg_read_file(' as "pg_read", $$ -- ' " $$ as d`, 2],
    ['with x as (values (1), (2)) (select * from x order by 1 desc)', 1],
    ['values (1)', 1],
    ['table t', 1],
    ['(select 1) -- ;', 1],
    [`select E'it\\'s' as muster, e'\\\\' as more, n from t where n < 3;`, 3],
    ['select now(), clock_timestamp() > now() as later, random() < 1 as r, gen_random_uuid() is null as u', 4],
    [`select sum(n) over (order by n), array[1, 2]::bigint[], '{"a": 1}'::jsonb ->> 'a' from t`, 3],
  ])('%s is answered', async (sql, columns) => {
    const result = await warehouse().userQuery(sql, { maxRows: 10, timeoutMs: 5000 })
    expect(result.columns).toHaveLength(columns)
    expect(Object.keys(result.rows[0] ?? {})).toHaveLength(columns)
  })

  test('a text may go on after a line break', async () => {
    const sql = `select E'it' -- muster.\n '\\'s muster.t' as v, 'a\\'\n'b' as w`
    const { rows } = await warehouse().userQuery(sql, { maxRows: 1 })
    expect(rows).toEqual([{ v: `it's muster.t`, w: 'a\\b' }])
  })

  test('what is wrong with it is told with its place', async () => {
    await expect(warehouse().userQuery('select n,\n  m from t', { maxRows: 1 })).rejects.toThrow('line 2, column 3')
  })
})

test('a role reads what it may read, and nothing else', async () => {
  await admin.query('create table public.secret as select 1 as n')
  await expect(reader.userQuery('select * from secret', { maxRows: 1 })).rejects.toThrow('permission denied')
  await expect(open.userQuery('select * from secret', { maxRows: 1 })).resolves.toMatchObject({ rows: [{ n: 1 }] })
})

test('a lock that a query came by ends with it', async () => {
  await admin.query(`create function public.sly() returns void language sql stable as 'select pg_advisory_lock(7)'`)
  await open.userQuery('select sly()', { maxRows: 1 })
  expect((await admin.query(`select * from pg_locks where locktype = 'advisory' and objid = 7`)).rows).toEqual([])
})

test.each<readonly [string, unknown]>([
  [`timestamp '2026-01-02 03:04:05'`, new Date('2026-01-02T03:04:05Z')],
  [`'infinity'::timestamptz`, 'infinity'],
  [`timestamptz '290000-01-01 00:00:00+00'`, '290000-01-01 00:00:00+00'],
  [`timestamptz '0044-03-15 00:00:00+00 BC'`, '0044-03-15 00:00:00+00 BC'],
  [`time '10:00:01'`, '10:00:01'],
  ['interval 36 hours', '36:00:00'],
  [`'\\x6162'::bytea`, '\\x6162'],
  ['array[1::bigint, 9007199254740993]', [1, '9007199254740993']],
  [`array[date '2026-01-02', null]`, ['2026-01-02', null]],
  [`array['a "b"', null]`, ['a "b"', null]],
])('%s is %j, and can be written as JSON', async (expression, expected) => {
  const { rows } = await open.userQuery(`select ${expression.replace('36 hours', `'36 hours'`)} as v`, { maxRows: 1 })
  expect(rows).toEqual([{ v: expected }])
  expect(() => JSON.stringify(rows)).not.toThrow()
})
