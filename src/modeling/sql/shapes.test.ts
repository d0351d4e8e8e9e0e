import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckdb } from '../../warehouse/duckdb/duckdb-warehouse.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { type ParsedSelect, parseSelect, rewriteSelect, type TableRef } from './index.ts'

/** SQL that DuckDB takes and Muster must too. */
const SHAPES = [
  `select * from models.x`,
  `from models.x`,
  `from models.x select a`,
  `from models.x select a where id > 1 order by all`,
  `select * exclude (a) replace (id+1 as id) from models.x`,
  `select * rename (a as b) from models.x`,
  `select columns('a|id') from models.x`,
  `select columns(c -> c like 'a%') from models.x`,
  `select a, count(*) from models.x group by all order by all`,
  `select * from models.x qualify row_number() over (partition by a order by id) = 1`,
  `select * from models.x asof join web.orders o on x.id = o.id and x.ts >= o.ts`,
  `select * from models.x positional join web.orders`,
  `select * from models.x semi join web.orders using (id)`,
  `select * from models.x anti join web.orders using (id)`,
  `select * from models.x natural join web.orders`,
  `select * from models.x cross join lateral (select x.id + 1) l`,
  `select * from models.x, lateral (select total from web.orders o where o.id = x.id) l`,
  `select * from web.orders union by name select * from app.orders`,
  `select * from web.orders union all by name select * from app.orders`,
  `(select id from web.orders) except (select id from app.orders)`,
  `(select id from web.orders limit 1) union all (select id from app.orders limit 1) order by 1`,
  `pivot models.x on a using count(*)`,
  `pivot models.x on a in ('p','q') using count(*) group by d`,
  `select * from models.x pivot (count(*) for a in ('p','q'))`,
  `select * from models.x as t pivot (count(*) for a in ('p','q')) as p`,
  `from (pivot models.x on a in ('p','q') using count(*))`,
  `unpivot models.x on id into name n value v`,
  `select * from web.orders unpivot (v for n in (id, total))`,
  `with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select * from r`,
  `with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select * from r`,
  `with profiles as (select * from profiles) select * from profiles`,
  `with a as (select 1 as x), b as (select * from a) select * from b`,
  `with a as materialized (select 1 as x) select * from a`,
  `select [x for x in arr if x > 1] from models.x`,
  `select list_transform(arr, lambda v: v + 1) from models.x`,
  `select list_transform(arr, v -> v + 1) from models.x`,
  `select st.f, st['f'], arr[1], arr[1:2] from models.x`,
  `select {'a': 1, 'b': id} from models.x`,
  `select map {'a': 1}`,
  `select a.upper().lower() from models.x`,
  `select now() - interval 7 day, now() - interval '7 days', ts + interval (id) day from models.x`,
  `select ts::date, cast(ts as date), try_cast(a as int) from models.x`,
  `select date_trunc('day', ts), ts at time zone 'Europe/Berlin' from models.x`,
  `select sum(total) filter (where total > 0), string_agg(id::varchar, ',' order by id) from web.orders`,
  `select sum(id) over w from models.x window w as (partition by a order by ts rows between 3 preceding and current row)`,
  `select sum(id) over (order by ts range between interval 7 days preceding and current row) from models.x`,
  `select web.orders.id, app.orders.id from web.orders join app.orders on web.orders.id = app.orders.id`,
  `select * from models.x where id in (select id from web.orders) and exists (select 1 from app.orders where app.orders.id = models.x.id)`,
  `select * from models.x where id = any (select id from web.orders)`,
  `select a from models.x where a like 'x%' escape '!' and a ilike 'b' and a similar to 'c' and regexp_matches(a, 'd')`,
  `select case when id > 1 then 'a' else 'b' end from models.x`,
  `select * from (values (1, 'a'), (2, 'b')) as v(id, n)`,
  `select * from range(10)`,
  `select * from range(10) as t(i)`,
  `select * from generate_series(1, 10) g(i)`,
  `select unnest([1,2,3])`,
  `select * from unnest([1,2,3]) as u(i)`,
  `select u.i from models.x, unnest(arr) as u(i)`,
  `select * from models.x t, unnest(t.arr) as u(i)`,
  `select * from p: models.x`,
  `select b: a from models.x`,
  `select 1_000, 0xff, 1e3, .5, $$dollar now()$$, e'a\\nb', 'it''s'`,
  `select id, from models.x`,
  `select * from models.x limit 10%`,
  `select * from models.x order by id desc nulls last limit 5 offset 2`,
  `select distinct on (a) a, id from models.x order by a, ts desc`,
  `select grouping(a), a, d from models.x group by rollup (a, d)`,
  `select a from models.x group by grouping sets ((a), ())`,
  `select "a", "x"."id" from "models"."x"`,
  `select a from models.x -- now()`,
  `select a /* now() */ from models.x`,
  `select /* a /* nested */ b */ 1`,
  `select 'now()', "a" from models.x`,
  `select current_date from (select 1 as current_date)`,
  `select extract(year from now()), date_part('year', current_date)`,
  `select current_date - 7, current_date + interval 1 day, now()::date`,
  `select arg_max(a, ts), max_by(a, ts), mode(a), median(id), quantile_cont(id, 0.5) from models.x`,
  `select count(distinct a), approx_count_distinct(a), histogram(a) from models.x`,
  `select a is not distinct from 'x', a is null, not a is null, id between 1 and 2 from models.x`,
  `select a ->> '$.x' , a -> 'y', json_extract_string(a, '$.z') from models.x`,
  `select coalesce(a, 'x'), nullif(a, ''), ifnull(a, 'b'), greatest(1, 2), if(id>1,2,3) from models.x`,
  `select date '2024-01-01', timestamp '2024-01-01 00:00:00', timestamptz '2024-01-01 00:00:00+00', interval 1 month`,
  `select row_number() over () , lag(a) over (order by id), first_value(a ignore nulls) over (order by id) from models.x`,
  `select * from models.x where (id, a) in ((1, 'x'))`,
  `select * from models.x where a in ('x')`,
  `select (select max(total) from web.orders), array(select id from app.orders)`,
  `select struct_pack(a := 1, b := 2)`,
  `from models.x as t(i, j) select i`,
  `select a, sum(id) as s from models.x group by a having s > 1`,
  `select a as "now()", id as today from models.x`,
  `select today from (select 1 as today)`,
  `select strptime('2024', '%Y'), epoch(ts), epoch_ms(ts), strftime(ts, '%Y'), datediff('day', ts, now()), date_diff('day', ts, current_timestamp) from models.x`,
  `select try(1/0)`,
  `select x from models.x`,
  `select x.st.f from models.x`,
  `select models.x.st.f from models.x`,
  `with t as (select 1) (select * from t)`,
  `select * from ((models.x join web.orders using (id)))`,
  `select * from (models.x join web.orders using (id)) as j`,
  `select * from (from models.x) s`,
  `select * from models.x where id > all (select 1)`,
  `select cast(a as decimal(10,2)), a::varchar(10), a::int[], a::struct(f int) from models.x where false`,
  `select a collate nocase from models.x`,
  `select sum(id) as "Ünïcode 😀" from models.x`,
  `select '😀' as e, a from models.x`,
  `select #1 from models.x`,
  `select * from models.x where a glob 'x*'`,
  `select year(ts), month(ts), day(ts), dayofweek(ts), hour(ts) from models.x`,
  `select a[1], a[-1:] from models.x`,
  `select list(a order by id), array_agg(a), first(a), last(a), any_value(a) from models.x`,
  `select count(*) filter (ts > now() - interval 1 day) from models.x`,
  `select count() from models.x`,
  `select 1 as a, a + 1 as b`,
  `select id, * from models.x`,
  `select t from models.x t`,
  `select unnest(st) from models.x`,
  `with a as (select 1), a2 as not materialized (select 2) from a, a2`,
  `select * from main.profiles`,
  `select main.profiles.email from main.profiles`,
  `select * from (with profiles as (select 1 as one) select * from profiles) union all select profile_id from profiles`,
  `with recursive t(n) using key (n) as (select 1 union select n+1 from t where n<3) select * from t`,
  `select median(x) from (select unnest([1,2]) as x)`,
  `select * from models.x join web.orders on true and now() > x.ts`,
  `select * from web.orders as o join app.orders as o2 on (o.id = o2.id)`,
  `SELECT id FROM models.x WHERE ts >= now() - to_days(7)`,
  `select quarter(d), d - date '2020-01-01', (d - interval 1 day)::date from models.x`,
  `select $a$ x $a$`,
  `select a.b.c from (select {'b': {'c': 1}} as a)`,
  `select * from models.x where not exists (from web.orders where id = x.id)`,
  `select 1;`,
  `select 1;;`,
  `select id % 2, id // 2, id ** 2, id ^ 2, a || 'b', ~id, id << 1, id & 1, id//3//2 from models.x`,
  `select models.x.a, x.a, models.x.st.f from models.x`,
  `select x1.id from models.x x1 left join web.orders o on o.id = x1.id full outer join profiles p on profile_id = x1.id`,
  `select now().year(), now()::date + 1 from models.x`,
  `select current_date as d, coalesce(current_date, d) as e, now ( ), current_date from models.x order by current_date`,
  `select max(d) as d from models.x group by current_date, now()`,
  `select * exclude (current_date) from (select 1 as current_date, 2 as b)`,
  `select {current_date: 1, 'k': 2}`,
  `select main.now(), "now"(), NOW ( )`,
  `select models.x.id from models.x where exists (select 1 from web.orders x where x.id = models.x.id)`,
  `with x as (select 1 as one) select one, a from models.x, x`,
  `select x.id from models.x, web.orders where models.x.id = web.orders.id`,
  `select * from models.x join lateral (from web.orders where id = models.x.id) on true`,
  `select x.id from models.x, models.x y`,
  `with c as (select 1 as id) select * from c union all select id from models.x`,
  `(with c as (select 1 as id) select * from c) union all select id from models.x`,
  `select * from models.x where extract(year from ts) = extract(year from current_date) and trim(leading 'a' from a) = 'x'`,
  `with now(a) as (select 1) select a from now`,
  `select "now" from (select 1 as "now")`,
  `SELECT\r\n\t"x"."a"\r\nFROM Models.X -- the 😀 model\r\nWHERE a <> '😀 now()'`,
  `/* --- 😀\n--- */\n-- before\nselect a /* 😀 */ from models.x -- after\n;\n-- end`,
  `select id from models.x where ts > (select max(ts) from web.orders where web.orders.id = models.x.id)`,
]

const X = 'id bigint, a varchar, ts timestamptz, d date, arr int[], st struct(f int)'
const ORDERS = 'id bigint, total double, ts timestamptz'
const PROFILES = 'profile_id bigint, email varchar'
const FIXTURES = [
  ...['models', 'p_models', 'web', 'app', 'p_main'].map((schema) => `create schema ${schema}`),
  `create table models.x(${X})`,
  `create table p_models.x(${X})`,
  `create table web.orders(${ORDERS})`,
  `create table app.orders(${ORDERS})`,
  `create table main.profiles(${PROFILES})`,
  `create table p_main.profiles(${PROFILES})`,
]

let folder: string
let warehouse: Warehouse

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-sql-'))
  const at = (name: string) => join(folder, name)
  warehouse = await openDuckdb({
    path: at('w.duckdb'),
    scratch: at('scratch'),
    data: at('data'),
    memoryLimit: '256MB',
    threads: 1,
  })
  await warehouse.session(async (session) => {
    for (const fixture of FIXTURES) await session.run(fixture)
  })
})

afterAll(async () => {
  await warehouse[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

function parsed(sql: string): ParsedSelect {
  const { select, problems } = parseSelect(sql, { file: 'models/m.sql', dialect: 'duckdb' })
  expect(problems).toEqual([])
  if (!select) throw new Error('no problem and no select')
  return select
}

/** What a run may put in a table's place: another name, or a subquery. */
function physical({ schema, name }: TableRef): string {
  if (schema === 'models') return `"p_models"."${name}"`
  if (name === 'profiles') return '"p_main"."profiles"'
  return `(select * from "${schema}"."${name}" e where e.ts <= timestamptz '2026-01-01')`
}

function rewritten(sql: string, select: ParsedSelect, table: (ref: TableRef) => string | undefined): string {
  const asOf = new Date('2026-01-02T23:30:00Z')
  return rewriteSelect(sql, select, { asOf, from: 'duckdb', to: 'duckdb', timezone: 'Europe/Berlin', table })
}

async function bound(sql: string): Promise<void> {
  await warehouse.session((session) => session.query(`explain ${sql}`))
}

async function columns(sql: string): Promise<readonly string[]> {
  const { columns: all } = await warehouse.userQuery(sql, { maxRows: 0 })
  return all.map(({ name }) => name)
}

/** The tables DuckDB itself finds, CTEs among them; nothing where it cannot say. */
async function duckdbTables(sql: string): Promise<ReadonlySet<string> | undefined> {
  const query = `select json_serialize_sql(${warehouse.dialect.text(sql)})::varchar as tree`
  const [row] = await warehouse.session((session) => session.query<{ tree: string }>(query))
  const tree: unknown = JSON.parse(row?.tree ?? '{}')
  const tables = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, schema_name: schema, table_name: table, error } = value as Record<string, unknown>
    if (error === true) tables.add('error')
    if (type === 'BASE_TABLE') tables.add(`${schema === '' ? '' : `${schema}.`}${table}`.toLowerCase())
    Object.values(value).forEach(visit)
  }
  visit(tree)
  return tables.has('error') ? undefined : tables
}

describe.each(SHAPES)('%s', (sql) => {
  test('is bound by DuckDB as written and as rewritten', async () => {
    const text = rewritten(sql, parsed(sql), physical)
    await bound(sql)
    await bound(text)
  })

  test('reads the tables that DuckDB says', async () => {
    const theirs = await duckdbTables(sql)
    const ours = new Set(
      parsed(sql).tables.map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`)),
    )
    const qualified = [...(theirs ?? [])].filter((name) => name.includes('.'))
    expect([...ours]).toEqual(expect.arrayContaining(qualified))
    if (theirs) expect([...theirs]).toEqual(expect.arrayContaining([...ours]))
  })

  test('stays as written between its tables and clocks', () => {
    const select = parsed(sql)
    const spans = [...select.clocks, ...select.tables.flatMap((ref) => [ref, ...ref.mentions])].sort(
      (a, b) => a.start - b.start,
    )
    const text = rewritten(sql, select, (ref) => sql.slice(ref.start, ref.end))
    let at = 0
    let from = select.body.start
    for (const { start, end } of [...spans, { start: select.body.end, end: select.body.end }]) {
      const between = sql.slice(from, start)
      at = text.indexOf(between, at)
      expect(at).toBeGreaterThanOrEqual(0)
      at += between.length
      from = end
    }
    expect(rewritten(sql, { ...select, clocks: [] }, () => undefined)).toBe(
      sql.slice(select.body.start, select.body.end),
    )
  })
})

test.each([
  'select now(), Current_Date, main.now(), today(), current_timestamp, localtimestamp, localtime, current_time from models.x',
  'select NOW ( ), get_current_timestamp(), transaction_timestamp(), current_localtimestamp(), get_current_time()',
  'select * from models.x, web.orders o',
  'select models.x.a, x.id, d from models.x',
])('the columns keep their names and types: %s', async (sql) => {
  const text = rewritten(sql, parsed(sql), physical)
  expect(await columns(text)).toEqual(await columns(sql))
  const types = async (query: string) =>
    (await warehouse.userQuery(query, { maxRows: 0 })).columns.map(({ type }) => type)
  expect(await types(text)).toEqual(await types(sql))
})
