/**
 * What every Warehouse must do; each engine's test file runs it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ColumnType, Session, Value, Warehouse } from './warehouse.ts'

/** A statement that takes far longer than any test. */
const ENDLESS =
  'select count(*) as n from generate_series(1, 4000000) a(i), generate_series(1, 4000000) b(j) where i % 7 = j % 11'

export function warehouseContract(open: () => Promise<Warehouse>): void {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await open()
    await warehouse.session((session) => session.run('create schema s'))
  })
  afterAll(() => warehouse[Symbol.asyncDispose]())

  const query = (sql: string, values: readonly Value[] = []) =>
    warehouse.session((session) => session.query(sql, values))
  const one = async (sql: string, values: readonly Value[] = []) =>
    Object.values((await query(sql, values))[0] ?? {})[0]
  const fresh = async (name: string, columns: string) => {
    await warehouse.session(async (session) => {
      await session.run(`drop table if exists s.${name}`)
      await session.run(`create table s.${name} (${columns})`)
    })
    return `s.${name}`
  }
  /** Whatever happened before, sessions work. */
  const expectUsable = async () => {
    for (let round = 0; round < 3; round++) expect(await one('select 40 + 2 as n')).toBe(42)
  }

  describe('values', () => {
    test.each<readonly [string, unknown]>([
      ['cast(9007199254740991 as bigint)', 9007199254740991],
      ['cast(9007199254740992 as bigint)', '9007199254740992'],
      ['cast(-9223372036854775808 as bigint)', '-9223372036854775808'],
      ['cast(0.1 as double precision)', 0.1],
      ['cast(5e-324 as double precision)', 5e-324],
      ['cast(1.5 as decimal(10, 2))', 1.5],
      ['true', true],
      ['cast(null as varchar)', null],
      [`cast('' as varchar)`, ''],
      [`'O''Brien "q" \\ 📦 ß İ'`, 'O\'Brien "q" \\ 📦 ß İ'],
      [`date '0044-03-15'`, '0044-03-15'],
      [`date '2026-02-03'`, '2026-02-03'],
      [`timestamptz '2026-02-03 04:05:06.789+02'`, new Date('2026-02-03T02:05:06.789Z')],
      [`timestamptz '1900-01-01 00:00:00+00'`, new Date('1900-01-01T00:00:00Z')],
      [`cast('{"a":[1,null]}' as json)`, '{"a":[1,null]}'],
    ])('%s is read as %j', async (expression, expected) => {
      expect(await one(`select ${expression} as v`)).toEqual(expected)
    })

    test.each<Value>([
      0,
      -7.25,
      2 ** 53 - 1,
      true,
      null,
      '',
      "'; drop table s; --",
      '$1 ? :x %s',
      'a\nb\r\n\tc',
      '👩‍👧‍👦 \u202e',
      'x'.repeat(100_000),
    ])('%j is bound as it is', async (value) => {
      expect(await one('select $1 as v', [value])).toEqual(value)
    })

    test('instants and whole numbers beyond 2^53 are bound exactly', async () => {
      const instant = new Date('2026-02-03T04:05:06.789Z')
      expect(await one('select cast($1 as timestamptz) as v', [instant])).toEqual(instant)
      expect(await one('select cast($1 as bigint) as v', [2n ** 62n])).toBe(String(2n ** 62n))
    })

    test('calendar and clock are those of UTC', async () => {
      expect(await one(`select cast(timestamptz '2026-02-03 23:30:00-01' as date) as v`)).toBe('2026-02-04')
    })
  })

  describe('integers', () => {
    test('columns of whole numbers go in and come out, many or none, in a transaction or out of it', async () => {
      const many = Int32Array.from({ length: 5000 }, (_, n) => n * 400_000 - 2 ** 30)
      const round = async (session: Session, a: Int32Array) => {
        const { relation } = await session.stageIntegers({ a, 'the "b"': a.toReversed() })
        const b = warehouse.dialect.identifier('the "b"')
        const read: number[][] = [[], []]
        const sql = `select cast(a as integer) as a, cast(${b} as integer) as b from ${relation} order by 1`
        for await (const columns of session.integers(sql))
          for (const [place, column] of columns.entries()) read[place]?.push(...column)
        expect(read).toEqual([[...a], [...a.toReversed()]])
      }
      for (const a of [many, Int32Array.of(2 ** 31 - 1), new Int32Array()]) {
        await warehouse.session((session) => round(session, a))
        await warehouse.transaction('build', (session) => round(session, a))
      }
      await warehouse.session(async (session) => {
        await round(session, many)
        await round(session, many)
      })
    })
  })

  describe('columns', () => {
    test('a table shows the types it was made with', async () => {
      const types: readonly ColumnType[] = ['string', 'int', 'float', 'boolean', 'datetime', 'date', 'json']
      const typed = types.map((type) => `c_${type} ${warehouse.dialect.columnType(type)}`)
      await fresh('typed', typed.join(', '))
      const columns = (await warehouse.columns('s')).get('s.typed')
      expect([...(columns ?? [])]).toEqual(types.map((type) => [`c_${type}`, type]))
      expect((await warehouse.columns()).get('s.typed')).toEqual(columns)
      expect((await warehouse.columns('elsewhere')).size).toBe(0)
    })

    test('names need no manners', async () => {
      const { dialect } = warehouse
      const name = 'He said "hi"; drop'
      await fresh('named', `${dialect.identifier(name)} integer, ${dialect.identifier('ß.İ')} integer`)
      expect([...((await warehouse.columns('s')).get('s.named') ?? new Map()).keys()]).toEqual([name, 'ß.İ'])
      expect(await query(`select 1 as ${dialect.identifier(name)}`)).toEqual([{ [name]: 1 }])
    })
  })

  describe('transactions', () => {
    test('commit together or not at all', async () => {
      const table = await fresh('moved', 'n integer')
      await warehouse.transaction('state', async (session) => {
        await session.run(`insert into ${table} values (1)`)
        await session.run(`insert into ${table} values (2)`)
        expect(await one(`select count(*) as n from ${table}`)).toBe(0)
      })
      expect(await one(`select count(*) as n from ${table}`)).toBe(2)
      const failing = warehouse.transaction('state', async (session) => {
        await session.run(`delete from ${table}`)
        throw new Error('on second thoughts')
      })
      await expect(failing).rejects.toThrow('on second thoughts')
      expect(await one(`select count(*) as n from ${table}`)).toBe(2)
    })

    test('a refused statement undoes those before it, and the engine says why', async () => {
      const table = await fresh('refused', 'n integer')
      const failing = warehouse.transaction('load', async (session) => {
        await session.run(`insert into ${table} values (1)`)
        await session.run(`insert into ${table} select nonsense from ${table}`)
      })
      await expect(failing).rejects.toMatchObject({
        code: 'warehouse_refused',
        message: expect.stringContaining('nonsense'),
      })
      expect(await one(`select count(*) as n from ${table}`)).toBe(0)
      await expectUsable()
    })

    test('run tells how many rows changed', async () => {
      const table = await fresh('changed', 'n integer')
      const changes = await warehouse.session(async (session) => [
        await session.run(`insert into ${table} select * from generate_series(1, 5)`),
        await session.run(`update ${table} set n = 0 where n > 2`),
        await session.run(`delete from ${table}`),
      ])
      expect(changes).toEqual([5, 3, 5])
    })

    test('of one lane take turns, of two lanes do not wait', async () => {
      const seen: string[] = []
      const { promise: gate, resolve: openGate } = Promise.withResolvers<void>()
      const step = (name: string, wait?: Promise<void>) => async (session: Session) => {
        seen.push(`${name} begins`)
        await wait
        await session.query('select 1')
        seen.push(`${name} ends`)
      }
      const first = warehouse.transaction('load', step('first', gate))
      const second = warehouse.transaction('load', step('second'))
      await warehouse.transaction('build', step('build'))
      openGate()
      await Promise.all([first, second])
      expect(seen.slice(0, 2).sort()).toEqual(['build begins', 'first begins'])
      expect(seen.slice(2)).toEqual(['build ends', 'first ends', 'second begins', 'second ends'])
    })

    test('writers of one row in one lane all succeed', async () => {
      const table = await fresh('counter', 'n integer')
      await warehouse.session((session) => session.run(`insert into ${table} values (0)`))
      const increment = (session: Session) => session.run(`update ${table} set n = n + 1`)
      await Promise.all(Array.from({ length: 20 }, () => warehouse.transaction('state', increment)))
      expect(await one(`select n from ${table}`)).toBe(20)
    })
  })

  describe('staged rows', () => {
    const COLUMNS = { t: 'string', i: 'int', f: 'float', b: 'boolean', at: 'datetime', d: 'date', j: 'json' } as const

    test('arrive as they were sent', async () => {
      const rows = [
        {
          t: "O'Brien",
          i: 2 ** 53 - 1,
          f: 0.1,
          b: true,
          at: '2026-02-03T04:05:06.789Z',
          d: '0044-03-15',
          j: '{"a":1}',
        },
        {
          t: 'a "b"\n\r\tc\\n, ; \u2028',
          i: -1,
          f: 1e308,
          b: false,
          at: '0001-01-01T00:00:00.000Z',
          d: null,
          j: '"text"',
        },
        { t: '👩‍👧 ß İ', i: 0, f: 5e-324, b: null, at: null, d: '9999-12-31', j: '[]' },
        { t: '', i: null },
        {},
        { t: 'null', extra: 'not a column' },
      ]
      const read = await warehouse.session(async (session) => {
        const { relation } = await session.stage(COLUMNS, rows)
        return session.query(`select * from ${relation} order by t`)
      })
      const empty = { t: null, i: null, f: null, b: null, at: null, d: null, j: null }
      const expected = rows
        .map(({ extra: _, ...row }: Record<string, unknown>) => ({ ...empty, ...row }))
        .map((row: Record<string, unknown>) => ({ ...row, at: row.at ? new Date(String(row.at)) : null }))
      expect(read).toHaveLength(rows.length)
      expect(read).toEqual(expect.arrayContaining(expected))
    })

    test('keep the microseconds of an instant', async () => {
      const read = await warehouse.session(async (session) => {
        const { relation } = await session.stage({ seen: 'datetime' }, [{ seen: '2026-02-03T04:05:06.123456Z' }])
        return session.query(`select cast(seen as varchar) as text from ${relation}`)
      })
      expect(read).toEqual([{ text: '2026-02-03 04:05:06.123456+00' }])
    })

    test('may be none', async () => {
      const read = await warehouse.session(async (session) => {
        const { relation } = await session.stage({ id: 'string' }, [])
        return session.query(`select count(*) as n from ${relation}`)
      })
      expect(read).toEqual([{ n: 0 }])
    })

    test('may hold millions of characters, many times over', async () => {
      const sizes = [5_000_000, 3, 5_000_000, 800_000, 0]
      const read = await warehouse.session(async (session) => {
        const rows = sizes.map((size, i) => ({ i, t: 'ß'.repeat(size) }))
        const { relation } = await session.stage({ i: 'int', t: 'string' }, rows)
        return session.query<{ n: number }>(`select length(t) as n from ${relation} order by i`)
      })
      expect(read.map(({ n }) => n)).toEqual(sizes)
    })

    test('are many, and read by several statements of their session', async () => {
      const counts = await warehouse.session(async (session) => {
        function* numbers() {
          for (let n = 0; n < 100_000; n++) yield { n }
        }
        const { relation } = await session.stage({ n: 'int' }, numbers())
        const { relation: other } = await session.stage({ n: 'int' }, [{ n: 5 }])
        return [
          await session.query(`select count(*) as n, sum(n) as s from ${relation}`),
          await session.query(`select count(*) as n from ${relation} join ${other} using (n)`),
        ]
      })
      expect(counts).toEqual([[{ n: 100_000, s: 4_999_950_000 }], [{ n: 1 }]])
    })

    test('of what cannot be iterated fail with the cause', async () => {
      const staged = warehouse.session((session) =>
        session.stage(
          { n: 'int' },
          {
            *[Symbol.iterator]() {
              yield { n: 1 }
              throw new Error('no more')
            },
          },
        ),
      )
      await expect(staged).rejects.toThrow('no more')
      await expectUsable()
    })
  })

  describe('streams', () => {
    const MANY = 'select * from generate_series(1, 1000000) t(n)'

    test('give every row once', async () => {
      const { rows, sum } = await warehouse.session(async (session) => {
        let rows = 0
        let sum = 0
        for await (const batch of session.stream<{ n: number }>(MANY)) {
          rows += batch.length
          for (const { n } of batch) sum += n
        }
        return { rows, sum }
      })
      expect({ rows, sum }).toEqual({ rows: 1_000_000, sum: 500_000_500_000 })
    })

    test('are read as they are asked for, and may be left', async () => {
      await warehouse.session(async (session) => {
        for await (const batch of session.stream(MANY)) {
          expect(batch.length).toBeLessThan(100_000)
          break
        }
        expect(await session.query('select 1 as n')).toEqual([{ n: 1 }])
      })
      await expectUsable()
    })

    test('left by a throw free the connection', async () => {
      const reading = warehouse.transaction('build', async (session) => {
        for await (const _ of session.stream(MANY)) throw new Error('enough')
      })
      await expect(reading).rejects.toThrow('enough')
      await expectUsable()
    })

    test('that fail under way throw, never end as if complete', async () => {
      const read = warehouse.session(async (session) => {
        let rows = 0
        const sql = `select cast(case when n = 900000 then 'x' else '1' end as integer) as v from generate_series(1, 1000000) t(n)`
        for await (const batch of session.stream(sql)) rows += batch.length
        return rows
      })
      await expect(read).rejects.toMatchObject({ code: 'warehouse_refused' })
      await expectUsable()
    })

    test('stop at the signal', async () => {
      const stop = new AbortController()
      const read = warehouse.session(async (session) => {
        for await (const _ of session.stream(MANY, [], { signal: stop.signal })) stop.abort(new Error('stop'))
      })
      await expect(read).rejects.toThrow('stop')
      await expectUsable()
    })
  })

  describe('cancelling', () => {
    test.each([0, 1, 5, 50, 300])('by signal after %i ms', async (ms) => {
      const stop = new AbortController()
      const running = warehouse.session((session) => session.query(ENDLESS, [], { signal: stop.signal }))
      setTimeout(() => stop.abort(new Error('no longer wanted')), ms)
      await expect(running).rejects.toThrow('no longer wanted')
      await expectUsable()
    })

    test('before it begins', async () => {
      const signal = AbortSignal.abort(new Error('too late'))
      await expect(warehouse.session((session) => session.run('select 1', [], { signal }))).rejects.toThrow('too late')
    })

    test.each([1, 100])('by a time limit of %i ms', async (timeoutMs) => {
      const running = warehouse.session((session) => session.query(ENDLESS, [], { timeoutMs }))
      await expect(running).rejects.toMatchObject({
        code: 'query_timeout',
        message: expect.stringContaining(`${timeoutMs} ms`),
      })
      await expectUsable()
    })

    test('in the middle of a stream', async () => {
      const running = warehouse.session(async (session) => {
        for await (const _ of session.stream(ENDLESS, [], { timeoutMs: 100 }));
      })
      await expect(running).rejects.toMatchObject({ code: 'query_timeout' })
      await expectUsable()
    })

    test('inside a transaction undoes it', async () => {
      const table = await fresh('cancelled', 'n integer')
      const running = warehouse.transaction('load', async (session) => {
        await session.run(`insert into ${table} values (1)`)
        await session.query(ENDLESS, [], { timeoutMs: 50 })
      })
      await expect(running).rejects.toMatchObject({ code: 'query_timeout' })
      expect(await one(`select count(*) as n from ${table}`)).toBe(0)
      await expectUsable()
    })

    test('what waits for its turn behind others', async () => {
      const stop = new AbortController()
      const running = Array.from({ length: 4 }, () =>
        warehouse.session((session) => session.query(ENDLESS, [], { signal: stop.signal })),
      )
      setTimeout(() => stop.abort(new Error('all of them')), 50)
      for (const { reason } of (await Promise.allSettled(running)) as PromiseRejectedResult[]) {
        expect(reason).toMatchObject({ message: 'all of them' })
      }
      await expectUsable()
    })
  })

  describe("a user's query", () => {
    const ask = (sql: string, maxRows = 10) => warehouse.userQuery(sql, { maxRows, timeoutMs: 10_000 })

    test('gives columns with their types, and rows', async () => {
      const { columns, rows, truncated } = await ask(
        `select 1 as n, 'x' as t, date '2026-01-02' as d, 7 as n;  -- done`,
      )
      expect(columns.map(({ name }) => name)).toEqual(Object.keys(rows[0] ?? {}))
      expect(new Set(columns.map(({ name }) => name)).size).toBe(4)
      expect(Object.values(rows[0] ?? {})).toEqual([1, 'x', '2026-01-02', 7])
      expect(truncated).toBe(false)
    })

    test.each([
      [3, 3, false],
      [2, 2, true],
      [0, 0, true],
    ])('of at most %i rows', async (maxRows, length, truncated) => {
      const result = await ask('select n from generate_series(1, 3) t(n) order by n desc', maxRows)
      expect(result).toMatchObject({ truncated, columns: [{ name: 'n' }] })
      expect(result.rows.map(({ n }) => n)).toEqual([3, 2, 1].slice(0, length))
    })

    test('keeps its order whatever its size', async () => {
      const { rows } = await ask(
        'select (n * 7919) % 1000003 as v from generate_series(1, 200000) t(n) order by v',
        150_000,
      )
      const values = rows.map(({ v }) => Number(v))
      expect(values).toHaveLength(150_000)
      expect(values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0))).toBe(true)
    })

    test('of very many rows costs what is shown of it', async () => {
      const { rows, truncated } = await ask(
        'select a.n from generate_series(1, 30000) a(n), generate_series(1, 30000) b(m)',
        5,
      )
      expect([rows.length, truncated]).toEqual([5, true])
    })

    test.each([
      'insert into s.kept values (2)',
      'delete from s.kept',
      'update s.kept set n = 2',
      'drop table s.kept',
      'create table s.made as select 1 as n',
      'create or replace view s.made as select 1 as n',
      'rollback; drop table s.kept; select 1',
      'commit; begin transaction; delete from s.kept; commit; select 1',
      'select 1; select 2',
      'begin transaction',
      'explain analyze delete from s.kept',
      '',
      '  -- nothing\n/* at all */ ;',
    ])('refuses %j', async (sql) => {
      await fresh('kept', 'n integer')
      await warehouse.session((session) => session.run('insert into s.kept values (1)'))
      await expect(ask(sql)).rejects.toMatchObject({ code: 'warehouse_refused' })
      expect(await query('select n from s.kept')).toEqual([{ n: 1 }])
      expect((await warehouse.columns('s')).has('s.made')).toBe(false)
      await expectUsable()
    })

    test.each([
      ['select nonsense from s.kept', 'nonsense'],
      ['select * from s.nowhere', 'nowhere'],
      ['selec 1', 'selec'],
      [`select cast('x' as integer) as v`, 'x'],
    ])('%j fails with what the engine says', async (sql, words) => {
      await fresh('kept', 'n integer')
      await expect(ask(sql)).rejects.toMatchObject({
        code: 'warehouse_refused',
        message: expect.stringContaining(words),
      })
      await expectUsable()
    })

    test('is limited in time', async () => {
      await expect(warehouse.userQuery(ENDLESS, { maxRows: 1, timeoutMs: 100 })).rejects.toMatchObject({
        code: 'query_timeout',
      })
      await expectUsable()
    })

    test('ends with its signal', async () => {
      const stop = new AbortController()
      const running = warehouse.userQuery(ENDLESS, { maxRows: 1, signal: stop.signal })
      setTimeout(() => stop.abort(new Error('left the page')), 50)
      await expect(running).rejects.toThrow('left the page')
      await expectUsable()
    })
  })
}
