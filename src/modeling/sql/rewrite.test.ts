import { expect, test } from 'vitest'
import { MusterError } from '../../core/errors.ts'
import { parseSelect, type RewriteOptions, rewriteSelect } from './index.ts'

const AS_OF = new Date('2026-01-02T23:30:00.250Z')

function rewrite(sql: string, options: Partial<RewriteOptions> = {}): string {
  const from = options.from ?? 'duckdb'
  const { select, problems } = parseSelect(sql, { file: 'm.sql', dialect: from })
  expect(problems).toEqual([])
  if (!select) throw new Error('no problem and no select')
  const table = () => undefined
  return rewriteSelect(sql, select, { asOf: AS_OF, from, to: 'duckdb', timezone: 'Europe/Berlin', table, ...options })
}

const inProd: RewriteOptions['table'] = ({ schema, name }) =>
  schema === undefined ? `"prod_main"."${name}"` : `"prod_${schema}"."${name}"`
const NOW = "timestamptz '2026-01-02T23:30:00.250Z'"

test.each<[string, string]>([
  ['select a from b where ts > now() - interval 7 day', `select a from b where ts > ${NOW} - interval 7 day`],
  ['select now()', `select ${NOW} as "now()"`],
  ['select now() t, main.now ( )', `select ${NOW} t, ${NOW} as "main.now()"`],
  ['select now()::date, -(now() - ts)', `select ${NOW}::date, -(${NOW} - ts)`],
  ['select now().year()', `select (${NOW}).year()`],
  ['select current_date - 7', `select date '2026-01-03' - 7`],
  ['select distinct Current_Date, b', `select distinct date '2026-01-03' as "Current_Date", b`],
  ['select (select today()) from b', `select (select date '2026-01-03' as "today()") from b`],
  ['select f(a, current_date), [current_date]', `select f(a, date '2026-01-03'), [date '2026-01-03']`],
  ['select a from b where localtimestamp > ts', `select a from b where timestamp '2026-01-02 23:30:00.250' > ts`],
  ['select a from b where localtime > t', `select a from b where time '23:30:00.250' > t`],
  ['select a from b where current_time > t', `select a from b where timetz '23:30:00.250+00' > t`],
  [
    `select 'now()', "current_date", t.current_date -- now()\nfrom b`,
    `select 'now()', "current_date", t.current_date -- now()\nfrom b`,
  ],
  ['/* ---\ntags: [a]\n--- */\n\n-- why\nselect 1; -- done', 'select 1'],
  ['select \'😀\', now() as "😀"', `select '😀', ${NOW} as "😀"`],
])('clocks: %s', (sql, expected) => {
  expect(rewrite(sql)).toBe(expected)
})

test.each([
  ['UTC', '2026-01-02'],
  ['Europe/Berlin', '2026-01-03'],
  ['Pacific/Honolulu', '2026-01-02'],
  ['Asia/Tokyo', '2026-01-03'],
])('the day in %s is %s', (timezone, day) => {
  expect(rewrite('select 1 where current_date = d', { timezone })).toBe(`select 1 where date '${day}' = d`)
})

test.each<[string, string]>([
  ['select * from models.x', 'select * from "prod_models"."x" as "x"'],
  ['from models.x t', 'from "prod_models"."x" t'],
  ['from models.x as t(a, b)', 'from "prod_models"."x" as t(a, b)'],
  ['from t: models.x', 'from t: "prod_models"."x"'],
  ['select x.a, models.x.b from Models.X', 'select x.a, "x".b from "prod_models"."x" as "x"'],
  [
    'with profiles as (from profiles) from profiles',
    'with profiles as (from "prod_main"."profiles" as "profiles") from profiles',
  ],
  [
    'select web.o.id, app.o.id from web.o join app.o on web.o.id = app.o.id',
    'select "web.o".id, "app.o".id from "prod_web"."o" as "web.o" join "prod_app"."o" as "app.o" on "web.o".id = "app.o".id',
  ],
  [
    'select 1 from models.x where exists (select 1 from web.o x where x.id = models.x.id)',
    'select 1 from "prod_models"."x" as "models.x" where exists (select 1 from "prod_web"."o" x where x.id = "models.x".id)',
  ],
  ['select main.profiles.email from profiles', 'select "profiles".email from "prod_main"."profiles" as "profiles"'],
  [
    'select main.profiles.email from web.o profiles, profiles',
    'select "main.profiles".email from "prod_web"."o" profiles, "prod_main"."profiles" as "main.profiles"',
  ],
  [
    'select x.*, x.a from models.x where exists (select models.x.b from web.o x)',
    'select "models.x".*, "models.x".a from "prod_models"."x" as "models.x" where exists (select "models.x".b from "prod_web"."o" x)',
  ],
  ['select a/*😀*/from/**/models.x/**/where true', 'select a/*😀*/from/**/"prod_models"."x" as "x"/**/where true'],
])('tables: %s', (sql, expected) => {
  expect(rewrite(sql, { table: inProd })).toBe(expected)
})

test('a table may become a subquery, or stay', () => {
  const table: RewriteOptions['table'] = ({ schema }) =>
    schema === 'web' ? '(select * from web.o e where e._load <= 3)' : undefined
  const sql = 'select web.o.id, crm.c.id from web.o join crm.c on o.id = c.id'
  expect(rewrite(sql, { table })).toBe(
    'select "o".id, crm.c.id from (select * from web.o e where e._load <= 3) as "o" join crm.c on o.id = c.id',
  )
})

test.each<[string, string, string]>([
  [
    'bigquery',
    'select safe_cast(x.a as int64) as a from `models`.`x` where x.ts > timestamp_sub(current_timestamp(), interval 7 day)',
    `SELECT TRY_CAST(x.a AS BIGINT) AS a FROM "prod_models"."x" AS "x" WHERE x.ts > ${NOW} - INTERVAL '7' DAY`,
  ],
  [
    'snowflake',
    "select iff(a > 1, 'now()', b) as c from models.x t",
    `SELECT CASE WHEN a > 1 THEN 'now()' ELSE b END AS c FROM "prod_models"."x" AS t`,
  ],
  [
    'postgres',
    'select current_date as d from profiles where ts < now()',
    `SELECT date '2026-01-03' AS d FROM "prod_main"."profiles" AS "profiles" WHERE ts < ${NOW}`,
  ],
])('translates from %s', (from, sql, expected) => {
  expect(rewrite(sql, { from, table: inProd })).toBe(expected)
})

test('text that looks like a stand-in stays', () => {
  const sql = "select 'muster_0' as a, current_date as b from models.x"
  expect(rewrite(sql, { from: 'postgres', table: inProd })).toBe(
    `SELECT 'muster_0' AS a, date '2026-01-03' AS b FROM "prod_models"."x" AS "x"`,
  )
})

test('a dialect that does not exist cannot be translated to', () => {
  expect(() => rewrite('select 1', { to: 'klingon' })).toThrow(MusterError)
})
