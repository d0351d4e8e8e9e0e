/**
 * Connections that end, servers that go, and statements that must not go on without us.
 */
import { tmpdir } from 'node:os'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase } from '../../../test/postgres/database.ts'
import { PostgresServer } from '../../../test/postgres/postgres-server.ts'
import type { Warehouse } from '../warehouse.ts'
import { openPostgres } from './postgres-warehouse.ts'

const FOLDERS = { scratch: tmpdir(), data: tmpdir() }
const ENDLESS = 'select count(*) from generate_series(1, 4000000) a(i), generate_series(1, 4000000) b(j)'

describe('a connection', () => {
  let warehouse: Warehouse
  let admin: pg.Client
  beforeAll(async () => {
    const url = await freshDatabase()
    admin = new pg.Client(url)
    await admin.connect()
    const database = new URL(url).pathname.slice(1)
    for (const setting of [
      ...[`timezone = 'Asia/Kolkata'`, `datestyle = 'German'`, `intervalstyle = 'iso_8601'`, `bytea_output = 'escape'`],
      ...['standard_conforming_strings = off', 'search_path = pg_catalog', 'extra_float_digits = 0'],
    ]) {
      await admin.query(`alter database ${database} set ${setting}`)
    }
    warehouse = await openPostgres({ url, ...FOLDERS })
  })
  afterAll(async () => {
    await warehouse[Symbol.asyncDispose]()
    await admin.end()
  })
  const busy = async () => {
    const { rows } = await admin.query(
      `select count(*)::int as n from pg_stat_activity where application_name = 'muster' and datname = current_database() and state <> 'idle'`,
    )
    return rows[0]?.n
  }
  const answers = () => warehouse.session((session) => session.query('select 1 as n'))

  test('is the same whatever the database says by default', async () => {
    const [row] = await warehouse.session((session) =>
      session.query(
        `select timestamptz '2026-01-02 03:04:05+00' as at, date '2026-01-02' as d, interval '36 hours' as i, '\\' as t,
         cast(timestamptz '2026-02-03 23:30:00-01' as date) as utc, 0.1::float8 + 0.2 as f`,
      ),
    )
    expect(row).toEqual({
      ...{ at: new Date('2026-01-02T03:04:05Z'), d: '2026-01-02', i: '36:00:00', t: '\\', utc: '2026-02-04' },
      f: 0.1 + 0.2,
    })
  })

  test.each(['session', 'transaction'] as const)('cancelled in a %s leaves nothing running', async (kind) => {
    const stop = new AbortController()
    const work = (session: Parameters<Parameters<Warehouse['session']>[0]>[0]) =>
      session.query(ENDLESS, [], { signal: stop.signal })
    const running = kind === 'session' ? warehouse.session(work) : warehouse.transaction('build', work)
    await expect.poll(busy).toBe(1)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expect.poll(busy).toBe(0)
  })

  test('that dies while idle is not missed', async () => {
    await Promise.all(Array.from({ length: 5 }, answers))
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'muster' and datname = current_database()`,
    )
    await expect(Promise.all(Array.from({ length: 5 }, answers))).resolves.toHaveLength(5)
    await expect(warehouse.transaction('load', (session) => session.run('select 1'))).resolves.toBe(1)
  })

  test('that dies at work fails that work, as the fault of nobody', async () => {
    await warehouse.session((session) => session.run('create table public.kept as select 1 as n'))
    const working = warehouse.transaction('load', async (session) => {
      await session.run('insert into kept values (2)')
      await session.query(ENDLESS)
    })
    await expect.poll(busy).toBe(1)
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'muster' and datname = current_database() and state = 'active'`,
    )
    await expect(working).rejects.toMatchObject({ code: 'warehouse_failed' })
    expect(await warehouse.session((session) => session.query('select n from kept'))).toEqual([{ n: 1 }])
  })

  test('another process in the same lane waits for its turn', async () => {
    const { promise: gate, resolve: openGate } = Promise.withResolvers<void>()
    const first = warehouse.transaction('load', async (session) => {
      await session.run('select 1')
      await gate
    })
    await expect.poll(busy).toBe(1)
    const lock = (wait: boolean) =>
      admin.query(`select pg_try_advisory_lock(${0x4d757374}, 1) as free`).then(({ rows }) => rows[0]?.free === wait)
    expect(await lock(false)).toBe(true)
    openGate()
    await first
    expect(await lock(true)).toBe(true)
    await admin.query('select pg_advisory_unlock_all()')
  })

  test('keeps no staged rows for whoever is next', async () => {
    for (const fails of [false, true]) {
      const work = warehouse.session(async (session) => {
        await session.stage({ n: 'int' }, [{ n: 1 }])
        if (fails) throw new Error('broken off')
      })
      await work.catch(() => {})
    }
    const { rows } = await admin.query(`select count(*)::int as n from pg_class where relname like 'muster_staged%'`)
    expect(rows).toEqual([{ n: 0 }])
  })

  test.each([
    ['a NUL', 'a\0b', 'string'],
    ['a NUL in JSON', '"\\u0000"', 'json'],
    ['no JSON', '{', 'json'],
  ] as const)('does not take %s, and says so', async (_, value, type) => {
    await warehouse.session((session) => session.run(`create table if not exists public.u (j jsonb, s text)`))
    const columns = type === 'json' ? { j: type } : { s: type }
    const work = warehouse.transaction('load', (session) => session.append('public.u', columns, [[value]]))
    await expect(work).rejects.toMatchObject({ code: 'warehouse_refused' })
  })

  test('names that Postgres would cut off are refused', () => {
    expect(() => warehouse.dialect.identifier('x'.repeat(64))).toThrow('63 bytes')
    expect(() => warehouse.dialect.identifier('ß'.repeat(32))).toThrow('63 bytes')
    expect(warehouse.dialect.identifier('ß'.repeat(31))).toHaveLength(33)
  })
})

describe('a server', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await PostgresServer.start(process.env.MUSTER_POSTGRES)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test.each(['SIGINT', 'SIGQUIT'] as const)('that stops by %s and starts again is only away', async (signal) => {
    const url = await server.createDatabase(`away_${signal.toLowerCase()}`)
    await using warehouse = await openPostgres({ url, ...FOLDERS })
    await warehouse.session((session) => session.run('create table public.kept as select 1 as n'))
    const read = () => warehouse.session((session) => session.query('select n from kept'))
    const working = warehouse
      .transaction('load', async (session) => {
        await session.run('insert into kept values (2)')
        await server.stop(signal)
        await session.run('insert into kept values (3)')
      })
      .catch((error) => error)
    expect(await working).toMatchObject({ code: 'warehouse_failed' })
    await expect(read()).rejects.toMatchObject({ code: 'warehouse_failed' })
    await server.startAgain()
    expect(await read()).toEqual([{ n: 1 }])
  })

  test.each([
    ['no server', () => 'postgres://muster:s3cret@127.0.0.1:1/x', 'warehouse_failed'],
    ['no database', () => server.url('nowhere').replace('postgres@', 'postgres:s3cret@'), 'warehouse_unreadable'],
    ['no role', () => server.url('postgres', 'nobody:s3cret'), 'warehouse_unreadable'],
  ])('%s: says so, without the password', async (_, url, code) => {
    const error = await openPostgres({ url: url(), ...FOLDERS }).catch((failure) => failure)
    expect(error).toMatchObject({ code })
    expect(error.message).not.toContain('s3cret')
  })

  test('a database in another encoding is refused', async () => {
    const admin = new pg.Client(server.url('postgres'))
    await admin.connect()
    await admin.query(`create database latin encoding 'LATIN1' locale 'C' template template0`)
    await admin.end()
    await expect(openPostgres({ url: server.url('latin'), ...FOLDERS })).rejects.toMatchObject({
      code: 'warehouse_unreadable',
      message: expect.stringContaining('LATIN1'),
    })
  })
})
