import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../core/test/patience.ts'
import { type ParseResult, parseSelect } from './index.ts'

const parse = (sql: string, dialect = 'duckdb'): ParseResult => parseSelect(sql, { file: 'models/m.sql', dialect })

function tables(sql: string, dialect?: string): readonly string[] {
  const { select, problems } = parse(sql, dialect)
  expect(problems).toEqual([])
  return (select?.tables ?? []).map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`))
}

test.each<[string, readonly string[]]>([
  ['select 1', []],
  ['select * from profiles', ['profiles']],
  ['select * from Models.User_Value', ['models.user_value']],
  ['select * from "models"."x" join "Web"."Orders" using (id)', ['models.x', 'web.orders']],
  ['with x as (select * from x) select * from x', ['x']],
  ['with recursive x as (select 1 union select * from x) select * from x', []],
  ['with a as (select * from b), b as (select * from a) select * from b', ['b']],
  ['with a as (select 1) select * from a union all select * from models.a', ['models.a']],
  ['(with a as (select 1) select * from a) union all select * from a', ['a']],
  ['select * from t where id in (with t as (select 1) select * from t)', ['t']],
  ['with t as (select 1) select * from (select * from t) s, lateral (select * from t) l', []],
  ['with A as (select 1) select * from "a"', []],
  ['select (select max(x) from a.b), array(select 1 from c.d)', ['a.b', 'c.d']],
  ['select case when exists (from a.b) then 1 end from c.d order by (select 1 from e.f)', ['a.b', 'c.d', 'e.f']],
  ['select * from a.b pivot (sum(x) for y in (1)) join c.d using (id)', ['a.b', 'c.d']],
  ['pivot a.b on y using sum(x)', ['a.b']],
  ['with c as (select 1 as y) pivot c on y using count(*)', []],
  ['select \'from a.b\', "from c.d" /* from e.f */ from g.h -- from i.j', ['g.h']],
])('%s reads %j', (sql, expected) => {
  expect(tables(sql)).toEqual(expected)
})

test('other dialects have their own quotes and case', () => {
  expect(tables('select * from `web`.`orders`', 'bigquery')).toEqual(['web.orders'])
  expect(tables('select * from WEB.ORDERS', 'snowflake')).toEqual(['web.orders'])
  expect(tables('select * from Web."Orders"', 'postgres')).toEqual(['web.Orders'])
})

test('places are those of the file, whatever stands before', () => {
  const sql = "/* ---\ndescription: 😀\n--- */\r\nselect '😀👩‍👩‍👧' as e,\r\n  a from models.x, profiles"
  const [x, profiles] = parse(sql).select?.tables ?? []
  expect(x).toMatchObject({ line: 5, column: 10, start: sql.indexOf('models.x'), end: sql.indexOf('models.x') + 8 })
  expect(profiles).toMatchObject({ line: 5, column: 20, start: sql.indexOf('profiles') })
})

test.each<[string, readonly string[]]>([
  ['select now(), "now", now from t', ['now()']],
  [
    'select current_date, t.current_date, "current_date", current_date as current_date from t',
    ['current_date', 'current_date'],
  ],
  ["select 'now()', $$ now() $$ /* now() */ -- now()", []],
  ['select today, today() from t', ['today()']],
  ['select main.now(), "now"(), NOW ( )', ['main.now()', '"now"()', 'NOW ( )']],
  ['select current_timestamp(3)', ['current_timestamp(3)']],
  ['select a as now, b today from t', []],
  ['with now(a) as (select 1) select * from now', []],
])('%s has the clocks %j', (sql, expected) => {
  expect(parse(sql).select?.clocks.map(({ start, end }) => sql.slice(start, end))).toEqual(expected)
})

test.each<[string, readonly string[] | undefined]>([
  ['select a, t.b, c as d, models.t.e from models.t', ['a', 'b', 'd', 'e']],
  ['select a from t union all select b from t', ['a']],
  ['with c as (select 1) (select a from c)', ['a']],
  ['select *, a from t', undefined],
  ['select a, count(*) from t', undefined],
  ['from t', undefined],
])('%s gives the columns %j', (sql, expected) => {
  expect(parse(sql).select?.outputs).toEqual(expected)
})

describe('problems', () => {
  test.each<[string, string, number, number]>([
    ['select a,\n  b from\nwhere c', 'sql_syntax', 3, 1],
    ["/* 😀 */ select '😀' as a b", 'sql_syntax', 1, 27],
    ["select 'abc", 'sql_syntax', 1, 8],
    [`select ${'('.repeat(200)}1${')'.repeat(200)}`, 'sql_syntax', 1, 39],
    ['with t as (select 1) (with q as (select * from a.b) select * from q)', 'sql_syntax', 1, 48],
    ['', 'sql_not_select', 1, 1],
    ['-- nothing', 'sql_not_select', 1, 1],
    ['select 1;\nselect 2', 'sql_several', 2, 1],
    ['select 1; drop table models.x', 'sql_several', 1, 11],
    ['create table a as select 1', 'sql_not_select', 1, 1],
    ['/* x */ values (1)', 'sql_not_select', 1, 9],
    ['with d as (delete from a.b returning *) select * from d', 'sql_not_select', 1, 24],
    ['select * from (describe a.b)', 'sql_not_select', 1, 25],
    ['select a into b from c.d', 'sql_not_select', 1, 15],
    ['select * from a.b for update', 'sql_not_select', 1, 19],
    ['select random()', 'sql_random', 1, 8],
    ['select main.random()', 'sql_random', 1, 8],
    ['select "uuid"()', 'sql_random', 1, 8],
    ['select a from b.c order by gen_random_uuid()', 'sql_random', 1, 28],
    ['select * from a.b using sample 10%', 'sql_random', 1, 25],
    ['select * from a.b tablesample (10 percent)', 'sql_random', 1, 19],
    ["select * from read_csv('x.csv')", 'sql_file_access', 1, 15],
    ["select * from a.b, 'x.csv'", 'sql_file_access', 1, 20],
    ['select * from "x.csv"', 'sql_file_access', 1, 15],
    ["select * from a.b join lateral glob('*') g on true", 'sql_file_access', 1, 32],
    ["select * from query('select 1')", 'sql_file_access', 1, 15],
    ["select a in (select * from main.query_table('x')) from b.c", 'sql_file_access', 1, 28],
    ['select * from duckdb_tables()', 'sql_file_access', 1, 15],
    ['select * from duckdb_tables', 'sql_forbidden_table', 1, 15],
    ['select * from pragma_database_list', 'sql_forbidden_table', 1, 15],
    ['select * from (show tables)', 'sql_forbidden_table', 1, 16],
    ['select * from a.b where id in (select id from MUSTER.runs)', 'sql_forbidden_table', 1, 47],
    ['select * from prod_muster.runs', 'sql_forbidden_table', 1, 15],
    ['select * from information_schema.tables', 'sql_forbidden_table', 1, 15],
    ['select * from pg_catalog.pg_class', 'sql_forbidden_table', 1, 15],
    ['select * from memory.muster.runs', 'sql_forbidden_table', 1, 15],
    ["select getenv('HOME')", 'sql_forbidden_function', 1, 8],
    ["select pg_read_file('/etc/passwd')", 'sql_forbidden_function', 1, 8],
    ['select age(ts) from a.b', 'sql_forbidden_function', 1, 8],
    ['select ts.age() from a.b', 'sql_forbidden_function', 1, 8],
    ['select ago(interval 1 day)', 'sql_forbidden_function', 1, 8],
  ])('%s is %s at %i:%i', (sql, code, line, column) => {
    const { select, problems } = parse(sql)
    expect(select).toBeUndefined()
    expect(problems[0]).toMatchObject({ code, line, column, severity: 'error', file: 'models/m.sql' })
    expect(problems[0]?.hint).not.toBe('')
  })

  test.each([
    'select age(now(), ts), ts.age(now()), error, pg_typeof(ts) from a.b',
    'select * from range(3), generate_series(1, 2) g(i), unnest([1]) u(x)',
    'select random, uuid, sample from a.b',
    'select hash(id) % 10 as bucket from a.b join c.d using (sample)',
  ])('%s has none', (sql) => {
    expect(parse(sql).problems).toEqual([])
  })

  test('all of them are told', () => {
    const { problems } = parse('select random() from muster.runs, read_csv(1)')
    expect(problems.map(({ code }) => code)).toEqual(['sql_random', 'sql_forbidden_table', 'sql_file_access'])
  })

  test('an unknown dialect', () => {
    expect(parse('select 1', 'klingon').problems[0]).toMatchObject({ code: 'unknown_dialect', line: 1, column: 1 })
  })

  test('a slip in the first word', () => {
    expect(parse('-- a\nselec 1').problems[0]?.hint).toBe('Did you mean `select`?')
  })
})

const WORDS = [
  'select',
  'from',
  'with',
  'as',
  '(',
  ')',
  ',',
  'a',
  'models.x',
  'now()',
  '*',
  'union',
  "'😀",
  '"',
  '/*',
  '--\n',
  ';',
  '1',
  '.',
  '//',
  '$$',
  'recursive',
  'pivot',
  'on',
  '[',
  '😀',
  '\0',
  '\ud800',
]

test('no text makes it throw, and places are inside the text', () => {
  const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((words) => words.join(' '))
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), soup),
      fc.constantFrom('duckdb', 'postgres', 'bigquery'),
      (sql, dialect) => {
        const { select, problems } = parse(sql, dialect)
        expect(select === undefined).toBe(problems.length > 0)
        const lines = sql.split('\n')
        for (const { line, column } of [...problems, ...(select?.tables ?? [])]) {
          expect(column - 1).toBeLessThanOrEqual(lines[line - 1]?.length ?? -1)
        }
      },
    ),
    { numRuns: runs(600) },
  )
})
