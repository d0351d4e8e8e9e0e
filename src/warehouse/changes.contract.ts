/**
 * What every Warehouse must do to tables: rows appended, columns changed, relations replaced; and what its dialect means.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { additions, retypings, type TableShape } from './event-schema.ts'
import type { Cell, ColumnType, Session, Warehouse } from './warehouse.ts'

function* cellsOf(columns: readonly string[], rows: Iterable<Record<string, Cell>>): Generator<readonly Cell[]> {
  for (const row of rows) yield columns.map((column) => row[column])
}

const changesOf = ({ dialect }: Warehouse, shape: TableShape): readonly string[] => [
  ...additions(dialect, shape),
  ...retypings(dialect, shape).map(({ statement }) => statement),
]

export function changesContract(open: () => Promise<Warehouse>): void {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await open()
    await warehouse.session((session) => session.run('create schema c'))
  })
  afterAll(() => warehouse[Symbol.asyncDispose]())

  const query = (sql: string) => warehouse.session((session) => session.query(sql))
  const one = async (sql: string) => Object.values((await query(sql))[0] ?? {})[0]
  const make = async (table: string, columns: string) => {
    await warehouse.session(async (session) => {
      await session.run(`drop table if exists c.${table}`)
      await session.run(`create table c.${table} (${columns})`)
    })
    return `c.${table}`
  }
  const append = (table: string, columns: Readonly<Record<string, ColumnType>>, rows: Iterable<Record<string, Cell>>) =>
    warehouse.transaction('load', (session) => session.append(table, columns, cellsOf(Object.keys(columns), rows)))

  describe('appending', () => {
    const TYPES = ['string', 'int', 'float', 'boolean', 'datetime', 'date', 'json'] as const

    test('rows arrive in their types, whatever else the table and the rows have', async () => {
      const { dialect } = warehouse
      const columns = TYPES.map((type) => `${dialect.identifier(`a ${type}"`)} ${dialect.columnType(type)}`)
      const table = await make('appended', [...columns, 'more integer'].join(', '))
      const named = Object.fromEntries(TYPES.map((type) => [`a ${type}"`, type]))
      const row = {
        'a string"': 'tab\t \\N \\. line\n 📦 \r"',
        'a int"': '-9223372036854775808',
        'a float"': 5e-324,
        'a boolean"': false,
        'a datetime"': '0001-01-01T00:00:00.000Z',
        'a date"': '9999-12-31',
        'a json"': '{"k":["\\u0041\\n"]}',
        other: 'is left out',
      }
      expect(await append(table, named, [row, {}, { 'a string"': '' }])).toBe(3)
      const [full, ...rest] = await query(
        `select * from ${table} order by "a int""" nulls last, "a string""" nulls first`,
      )
      expect({ ...full, 'a json"': JSON.parse(String(full?.['a json"'])) }).toEqual({
        ...{ ...row, 'a datetime"': new Date('0001-01-01T00:00:00Z'), 'a json"': { k: ['A\n'] }, more: null },
        ...{ other: undefined },
      })
      expect(rest.map((each) => each['a string"'])).toEqual([null, ''])
    })

    test('are all or none', async () => {
      const table = await make('refusing', 'n bigint')
      await expect(append(table, { n: 'int' }, [{ n: 1 }, { n: 'many' }])).rejects.toMatchObject({
        code: 'warehouse_refused',
      })
      await expect(append(table, { missing: 'int' }, [{ missing: 1 }])).rejects.toMatchObject({
        code: 'warehouse_refused',
        message: expect.stringContaining('missing'),
      })
      expect(await one(`select count(*) as n from ${table}`)).toBe(0)
    })

    test('100,000 rows of 2 KB and as many read again leave the heap as it was', { timeout: 60_000 }, async () => {
      const table = await make('large', 'n bigint, t text')
      const text = 'x'.repeat(2000)
      let most = 0
      const look = () => {
        most = Math.max(most, process.memoryUsage().heapUsed)
      }
      function* rows() {
        for (let n = 0; n < 100_000; n++) {
          if (n % 1000 === 0) look()
          yield { n, t: text + n }
        }
      }
      const before = process.memoryUsage().heapUsed
      expect(await append(table, { n: 'int', t: 'string' }, rows())).toBe(100_000)
      let read = 0
      await warehouse.session(async (session) => {
        for await (const batch of session.stream(`select * from ${table}`)) {
          read += batch.length
          look()
        }
      })
      expect(read).toBe(100_000)
      expect(most - before).toBeLessThan(130_000_000) // of 200 MB
    })

    test('by several at once in one lane, all of them', async () => {
      const table = await make('shared', 'n bigint')
      const rows = Array.from({ length: 500 }, (_, n) => ({ n }))
      await Promise.all(Array.from({ length: 8 }, () => append(table, { n: 'int' }, rows)))
      expect(await query(`select count(*) as n, count(distinct n) as d from ${table}`)).toEqual([{ n: 4000, d: 500 }])
    })
  })

  describe('defining', () => {
    test('columns are added and widened, and rows keep their values', async () => {
      const shape = (existing: Record<string, ColumnType> | undefined, needed: Record<string, ColumnType>) =>
        changesOf(warehouse, {
          ...{ schema: 'made "here"', table: 'events' },
          existing: existing && new Map(Object.entries(existing)),
          needed: new Map(Object.entries(needed)),
        })
      await warehouse.define(shape(undefined, { id: 'string', 'n "1"': 'int' }))
      await warehouse.transaction('load', (session) =>
        session.run(`insert into "made ""here""".events values ('a', 7)`),
      )
      await warehouse.define(shape({ id: 'string', 'n "1"': 'int' }, { id: 'string', 'n "1"': 'float', extra: 'json' }))
      expect([...((await warehouse.columns('made "here"')).get('made "here".events') ?? [])]).toEqual([
        ...[['id', 'string'] as const, ['n "1"', 'float'] as const, ['extra', 'json'] as const],
      ])
      expect(await query(`select * from "made ""here""".events`)).toEqual([{ id: 'a', 'n "1"': 7, extra: null }])
    })

    test('is all or nothing', async () => {
      await make('kept', 'n bigint')
      const changes = [
        'alter table "c"."kept" add column "more" bigint',
        'alter table "c"."nowhere" add column "x" bigint',
      ]
      await expect(warehouse.define(changes)).rejects.toMatchObject({ code: 'warehouse_refused' })
      expect([...((await warehouse.columns('c')).get('c.kept')?.keys() ?? [])]).toEqual(['n'])
    })

    test('nothing is nothing', async () => {
      await expect(warehouse.define([])).resolves.toBeUndefined()
    })
  })

  describe('replacing', () => {
    const replace = (kind: 'table' | 'view', sql: string, then: (session: Session) => Promise<void> = async () => {}) =>
      warehouse.transaction('build', async (session) => {
        await session.replace({ kind, schema: 'c', name: 'thing "x"', sql })
        await then(session)
      })
    const thing = () => query('select * from c."thing ""x"""')

    test.each([
      ['table', 'table'],
      ['table', 'view'],
      ['view', 'view'],
      ['view', 'table'],
    ] as const)('a %s by a %s of other columns', async (before, after) => {
      await replace(before, 'select 1 as a, 2 as b')
      await replace(after, `select 'x' as b`)
      expect(await thing()).toEqual([{ b: 'x' }])
    })

    test('what fails leaves what was there; what is under way is not seen', async () => {
      await replace('table', 'select 1 as a')
      await expect(replace('table', 'select nonsense')).rejects.toMatchObject({ code: 'warehouse_refused' })
      const late = replace('view', 'select 3 as a', async () => {
        throw new Error('too late')
      })
      await expect(late).rejects.toThrow('too late')
      expect(await thing()).toEqual([{ a: 1 }])
    })

    test('a view over what is replaced reads the new one', async () => {
      await replace('table', 'select 1 as a')
      const over = 'select a from c."thing ""x"""'
      await warehouse.transaction('build', (session) =>
        session.replace({ kind: 'view', schema: 'c', name: 'over', sql: over }),
      )
      await replace('table', 'select 2 as a, 3 as b')
      expect(await query('select * from c.over')).toEqual([{ a: 2 }])
    })
  })

  test('a transaction that swallowed a failure does not pretend to have committed', async () => {
    const table = await make('swallowed', 'n bigint')
    const work = warehouse.transaction('load', async (session) => {
      await session.run(`insert into ${table} values (1)`)
      await session.run(`insert into ${table} values ('x')`).catch(() => {})
    })
    await expect(work).rejects.toMatchObject({ code: 'warehouse_refused' })
    expect(await one(`select count(*) as n from ${table}`)).toBe(0)
  })

  describe('the dialect', () => {
    const value = (expression: (dialect: Warehouse['dialect']) => string) =>
      one(
        `select ${expression(warehouse.dialect)} as v from (select 'Ünï "x" \\ 📦' as t, cast(null as varchar) as nothing) r`,
      )

    test('hashes, replaces, matches and quotes alike on every engine', async () => {
      expect(await value((d) => d.sha256(`''`))).toBe(
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      )
      expect(await value((d) => d.md5(`'ü'`))).toBe('c03410a5204b21cd8229ff754688d743')
      expect(await value((d) => d.replaceAll('t', '[^a-zÜï]+', '-'))).toBe('Ünï-x-')
      expect(await value((d) => d.matches('t', '^Ü.*$'))).toBe(true)
      expect(await value((d) => d.matches('t', '^x'))).toBe(false)
      expect(await value((d) => d.text(`it's \\ $1 ?`))).toBe(`it's \\ $1 ?`)
      expect(await value((d) => d.timestamp(new Date('2026-02-03T04:05:06.789Z')))).toEqual(
        new Date('2026-02-03T04:05:06.789Z'),
      )
    })

    test('objects are the same text, so that their hashes are', async () => {
      const object = await value((d) => d.jsonObject({ 'k "1"': 't', b: 'nothing', a: `'1'` }))
      expect(object).toBe('{"k \\"1\\"":"Ünï \\"x\\" \\\\ 📦","b":null,"a":"1"}')
      expect(await value((d) => d.jsonObject({}))).toBe('{}')
    })

    test('picks values by their order', async () => {
      const { dialect } = warehouse
      const rows = `(values (1, 'b', 2), (2, null, 1), (3, 'B', 2), (4, 'z', 0)) r(id, t, o)`
      const sql = `select ${dialect.last('t', ['o', 'id'], 't is not null')} as last, ${dialect.minBy('t', 'id', 'id > 2')} as first,
        ${dialect.last('t', ['o'], 'id > 9')} as none from ${rows}`
      expect(await query(sql)).toEqual([{ last: 'B', first: 'B', none: null }])
      const bytes = await query(`select t from ${rows} where t is not null order by ${dialect.byBytes('t')}`)
      expect(bytes.map(({ t }) => t)).toEqual(['B', 'b', 'z'])
    })

    test.each<readonly [ColumnType, string, unknown]>([
      ['int', '42', 42],
      ['int', ' -7 ', -7],
      ['int', '9223372036854775807', '9223372036854775807'],
      ['int', '9223372036854775808', null],
      ['int', 'x', null],
      ['int', '', null],
      ['float', '1.5', 1.5],
      ['float', '-1e3', -1000],
      ['float', '-1e999', -Infinity],
      ['float', '1e-400', 0],
      ['float', '1.5.2', null],
      ['boolean', 'true', true],
      ['boolean', 'FALSE', false],
      ['boolean', 'perhaps', null],
      ['date', '2024-02-29', '2024-02-29'],
      ['date', '2023-02-29', null],
      ['date', '2026-13-01', null],
      ['datetime', '2026-01-02T03:04:05.678Z', new Date('2026-01-02T03:04:05.678Z')],
      ['datetime', '2026-01-02 03:04:05+02:00', new Date('2026-01-02T01:04:05Z')],
      ['datetime', '2026-02-30T00:00:00Z', null],
      ['datetime', 'yesterday', null],
      ['string', 'x', 'x'],
    ])('casts to %s: %j', async (type, text, expected) => {
      const cast = warehouse.dialect.tryCast('t', type)
      expect(
        await one(`select ${cast} as v from (select cast(${warehouse.dialect.text(text)} as varchar) as t) r`),
      ).toEqual(expected)
    })
  })
}
