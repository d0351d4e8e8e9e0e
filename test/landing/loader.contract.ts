/**
 * What landing promises on every engine.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LandedProject } from './landed-project.ts'

const ordered = (order: number, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId: 'ann',
  messageId: `order-${order}`,
  properties: { n: order, ...more },
})

/** `settings`: a new, empty warehouse each time, as in muster.yaml. */
export function loaderContract(settings: () => Promise<object>): void {
  let project: LandedProject
  beforeEach(async () => {
    project = await LandedProject.open(await settings())
  })
  afterEach(() => project[Symbol.asyncDispose]())

  const orders = () => project.list('select n from web.order_completed order by 1')
  const tracks = () => project.list('select id from web.tracks order by id')

  describe('duplicates', () => {
    test('within a load and of earlier loads land once, the first as it was', async () => {
      expect(await project.land([ordered(1), ordered(1, { n: 9 })])).toMatchObject({ loaded: 1, duplicates: 1 })
      expect(await project.land([ordered(1, { n: 8 }), ordered(2)])).toMatchObject({ loaded: 1, duplicates: 1 })
      expect(await orders()).toEqual([1, 2])
      expect(await tracks()).toEqual(['order-1', 'order-2'])
    })

    test('are found whatever the type of the copy', async () => {
      await project.land([{ type: 'page', messageId: 'x' }])
      expect(await project.land([{ type: 'identify', userId: 'ann', messageId: 'x' }])).toMatchObject({ duplicates: 1 })
    })
  })

  test('overwriting leaves views and tables of people alone', async () => {
    await project.land([ordered(1)])
    await project.run('create view web.copies as select * from web.tracks')
    await project.run('create view web.counts as select id, count(*) as n from web.tracks group by id')
    await project.run(`create table web.mine as select 'order-1' as id`)
    await project.site.landing.exclusively(async () => {}) // makes the loader look at the tables anew
    expect(await project.land([ordered(1, { n: 5 })], { overwrite: true })).toMatchObject({ loaded: 1, held: 0 })
    expect(await orders()).toEqual([5])
    expect(await project.list('select id from web.mine')).toEqual(['order-1'])
  })

  test('a refusal with NUL and half a character lands, cut', async () => {
    const refusal = { source: 'web', position: 1, receivedAt: '2026-05-01T00:00:00.000Z' }
    const refusals = [{ ...refusal, reason: 'a\0b', body: `\0\ud800${'x'.repeat(70_000)}` }]
    const also = async () => {}
    await project.site.landing.land({ consumer: 'import:x', events: [], refusals, first: 1, last: 1, also })
    const [row] = await project.rows('select reason, body from muster.rejected_events')
    expect(row).toEqual({ reason: 'a\ufffdb', body: `\ufffd\ufffd${'x'.repeat(65_534)}` })
  })

  describe('types', () => {
    test('whole numbers widen, what does not fit is discarded with its reason, the event lands', async () => {
      await project.land([ordered(1, { size: 1 }), ordered(2, { size: 'large' })])
      await project.land([ordered(3, { size: 2.5 }), ordered(4, { size: true })])
      expect(await project.list('select size from web.order_completed order by n')).toEqual([1, null, 2.5, null])
      expect(await project.rows('select row_id, column_value, reason from web.discards order by row_id')).toEqual([
        { row_id: 'order-2', column_value: 'large', reason: 'the column is a number, the value text' },
        { row_id: 'order-4', column_value: 'true', reason: 'the column is a number, the value true or false' },
      ])
    })

    test('whole numbers widen also where a value that does not fit comes before the fraction', async () => {
      await project.land([ordered(1, { size: 1 })])
      await project.land([ordered(2, { size: 'large' }), ordered(3, { size: 2.5 })])
      expect(await project.list('select size from web.order_completed order by n')).toEqual([1, null, 2.5])
      expect(await project.list('select row_id from web.discards')).toEqual(['order-2'])
    })

    test('a column that became text takes everything', async () => {
      await project.land([ordered(1, { size: 'large' }), ordered(2, { size: 7 }), ordered(3, { size: 0.5 })])
      expect(await project.list('select size from web.order_completed order by n')).toEqual(['large', '7', '0.5'])
    })

    test('a column named as what every JavaScript object has is empty where it was not sent', async () => {
      await project.land([ordered(1, { constructor: 'Ferrari' }), ordered(2)])
      await project.land([ordered(3)])
      await project.land([
        {
          type: 'track',
          event: 'constructor',
          messageId: 'x',
          properties: JSON.parse('{"__proto__": 1, "type": 2, "toString": 3}'),
        },
      ])
      expect(await project.rows('select __proto, type, to_string from web.constructor')).toEqual([
        { __proto: 1, type: 2, to_string: 3 },
      ])
      expect(await project.list('select constructor from web.order_completed order by n')).toEqual([
        'Ferrari',
        null,
        null,
      ])
      expect(await project.rows('select * from web.discards')).toEqual([])
    })

    test('a thousand columns, and no more than there is room for', async () => {
      const columns = (first: number) =>
        Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`c${first + index}`, index]))
      await project.land([ordered(1, columns(0))])
      const landed = await project.land([ordered(2, columns(900))])
      const stored = (await project.site.warehouse.columns('web')).get('web.order_completed')
      expect(stored?.size).toBe(1500)
      expect(await project.list('select distinct reason from web.discards')).toEqual([
        'the table has 1500 columns already',
      ])
      expect(landed.discards).toBeGreaterThan(0)
      expect(await orders()).toEqual([1, 2])
    }, 60_000)
  })

  describe('users', () => {
    const identify = (at: string, traits: object) => ({ type: 'identify', userId: 'ann', timestamp: at, traits })

    test('have per trait the value of the latest timestamp, whatever came first', async () => {
      await project.land([identify('2026-04-02T00:00:00Z', { plan: 'pro', city: 'Ulm' })])
      await project.land([
        identify('2026-04-01T00:00:00Z', { plan: 'free', age: 7 }),
        identify('2026-04-03T00:00:00Z', {}),
      ])
      expect(await project.rows('select id, plan, city, age from web.users')).toEqual([
        { id: 'ann', plan: 'pro', city: 'Ulm', age: 7 },
      ])
    })

    test('at the same timestamp have the later in log order', async () => {
      const at = '2026-04-02T00:00:00Z'
      await project.land([identify(at, { plan: 'first' }), identify(at, { plan: 'second' })])
      expect(await project.list('select plan from web.users')).toEqual(['second'])
    })
  })

  describe('a table that cannot take its rows', () => {
    test('holds them while the others go on, and takes them, oldest first, once it is mended', async () => {
      await project.land([ordered(1)])
      await project.run('alter table web.order_completed rename column received_at to gone')
      expect(await project.land([ordered(2), ordered(3)])).toMatchObject({ loaded: 2, held: 2 })
      expect(await tracks()).toEqual(['order-1', 'order-2', 'order-3'])
      expect(await orders()).toEqual([1])
      expect(await project.mend()).toBe(0)
      const [held] = await project.rows('select table_name, row_id, reason from muster.held_rows order by row_id')
      expect(held).toEqual({
        table_name: 'order_completed',
        row_id: 'order-2',
        reason: 'the column received_at is missing; add it again as datetime, or rename the table',
      })
      await project.run('alter table web.order_completed rename column gone to received_at')
      expect(await project.land([ordered(4)])).toMatchObject({ held: 1 })
      expect(await project.mend()).toBe(3)
      expect(await project.list('select n from web.order_completed order by _load, _position')).toEqual([1, 2, 3, 4])
      expect(await project.rows('select * from muster.held_rows')).toEqual([])
      expect(await project.land([ordered(5), ordered(2)])).toMatchObject({ loaded: 1, duplicates: 1, held: 0 })
    })

    test('lands rows with the number of their load, so that a run sees them as new', async () => {
      await project.land([ordered(1)])
      await project.run('alter table web.order_completed rename column received_at to gone')
      const { load } = await project.land([ordered(2)])
      await project.run('alter table web.order_completed rename column gone to received_at')
      await project.mend()
      expect(await project.list(`select n from web.order_completed where _load > ${load}`)).toEqual([2])
      expect(await project.site.landing.watermark()).toBe(load + 1)
    })

    test('where copies cannot be looked for, whole events wait, and copies are found when they land', async () => {
      await project.land([ordered(1)])
      await project.run('alter table web.tracks rename column id to gone')
      expect(await project.land([ordered(1), ordered(2), { type: 'page', messageId: 'p' }])).toMatchObject({
        loaded: 1,
      })
      expect(await project.land([ordered(2), ordered(3)])).toMatchObject({ loaded: 0 })
      expect(await orders()).toEqual([1])
      expect(await project.list('select id from web.pages')).toEqual(['p'])
      await project.run('alter table web.tracks rename column gone to id')
      await project.mend()
      expect(await tracks()).toEqual(['order-1', 'order-2', 'order-3'])
      expect(await orders()).toEqual([1, 2, 3])
      expect(await project.rows('select * from muster.held_rows')).toEqual([])
    })

    test('a copy of a held event is a duplicate', async () => {
      await project.land([ordered(1)])
      await project.run('alter table web.tracks rename column "timestamp" to gone')
      await project.land([ordered(2)])
      await project.run('alter table web.tracks rename column gone to "timestamp"')
      await project.land([ordered(2)])
      await project.mend()
      expect(await tracks()).toEqual(['order-1', 'order-2'])
      expect(await orders()).toEqual([1, 2])
    })

    test('users wait for identifies', async () => {
      const identify = (n: number, plan: string) => ({
        type: 'identify',
        userId: 'ann',
        messageId: `i${n}`,
        traits: { plan },
      })
      await project.land([identify(1, 'free')])
      await project.run('alter table web.identifies rename column received_at to gone')
      await project.land([identify(2, 'pro')])
      expect(await project.list('select plan from web.users')).toEqual(['free'])
      await project.run('alter table web.identifies rename column gone to received_at')
      await project.mend()
      expect(await project.list('select plan from web.users')).toEqual(['pro'])
    })

    test('users are those of all identifies that land with them, wherever what is held was cut', async () => {
      const identified = (load: number) =>
        Array.from({ length: 2600 }, (_, user) => ({
          type: 'identify',
          userId: `${user}`,
          messageId: `${load}-${user}`,
          timestamp: `2026-04-0${load + 1}T00:00:00Z`,
          traits: { load },
        }))
      await project.land(identified(0))
      await project.run(`alter table web.identifies add column must varchar default 'x'`)
      await project.run('alter table web.identifies alter column must set not null')
      await project.run('alter table web.identifies alter column must drop default')
      await project.land(identified(1))
      expect(await project.land(identified(2))).toMatchObject({ held: 5200 })
      await project.run('alter table web.identifies alter column must drop not null')
      await project.mend()
      expect(await project.rows('select load, count(*) as n from web.users group by 1')).toEqual([{ load: 2, n: 2600 }])
    }, 60_000)

    test('one that refuses single rows takes all others', async () => {
      await project.land([ordered(1, { amount: 1 })])
      await project.run('create table web.strict as select * from web.order_completed')
      await project.run('drop table web.order_completed')
      const columns = (await project.site.warehouse.columns('web')).get('web.strict') ?? new Map()
      const { dialect } = project.site.warehouse
      const typed = [...columns].map(([name, type]) => `${dialect.identifier(name)} ${dialect.columnType(type)}`)
      await project.run(`create table web.order_completed (${typed.join(', ')}, check (amount < 100))`)
      const amounts = Array.from({ length: 40 }, (_, index) =>
        ordered(index + 10, { amount: index === 17 ? 1000 : index }),
      )
      expect(await project.land(amounts)).toMatchObject({ held: 40 })
      expect(await project.mend()).toBe(39)
      expect(await project.list('select row_id from muster.held_rows')).toEqual(['order-27'])
      await project.land([ordered(90, { amount: 5 })])
      expect(await project.mend()).toBe(1)
      expect(await orders()).toContain(90)
    })

    /** Makes a table anew, as it was, with a check. */
    const recreate = async (table: string, check: string) => {
      const { warehouse } = project.site
      const columns = (await warehouse.columns('web')).get(`web.${table}`) ?? new Map()
      const { dialect } = warehouse
      const typed = [...columns].map(([name, type]) => `${dialect.identifier(name)} ${dialect.columnType(type)}`)
      await project.run(`create table web.copy_of_it as select * from web.${table}`)
      await project.run(`drop table web.${table}`)
      await project.run(`create table web.${table} (${typed.join(', ')}${check})`)
      const names = [...columns.keys()].map((name) => dialect.identifier(name)).join(', ')
      await project.run(`insert into web.${table} (${names}) select ${names} from web.copy_of_it`)
      await project.run('drop table web.copy_of_it')
    }

    test('an event that waits whole is never cut, whatever of it is refused', async () => {
      await project.land([ordered(0)])
      await project.run('alter table web.tracks rename column id to gone')
      await project.land([1, 2, 3, 4, 5].map((n) => ordered(n, { size: n === 3 ? [] : n })))
      await project.run('alter table web.tracks rename column gone to id')
      await recreate('tracks', `, check (id <> 'order-4')`)
      await project.mend()
      expect(await orders()).toEqual([0, 1, 2, 3, 5])
      await recreate('tracks', '')
      await project.mend()
      expect(await orders()).toEqual([0, 1, 2, 3, 4, 5])
      expect(await tracks()).toHaveLength(6)
      expect(await project.rows('select * from muster.held_rows')).toEqual([])
    })

    test('discards of an event that waits whole come with it', async () => {
      await project.land([ordered(0, { size: 1 })])
      await project.run('alter table web.tracks rename column id to gone')
      await project.land([{ ...ordered(1), traits: { note: 'misplaced' } }])
      await project.run('alter table web.tracks rename column gone to id')
      await project.mend()
      expect(await project.rows('select row_id, column_value from web.discards')).toEqual([
        { row_id: 'order-1', column_value: '{"note":"misplaced"}' },
      ])
    })

    test('many rows that it refuses, the oldest first, do not keep the others out', async () => {
      await project.land([ordered(0, { amount: 1 })])
      await recreate('order_completed', ', check (amount < 100)')
      await project.land(Array.from({ length: 60 }, (_, n) => ordered(n + 1, { amount: n < 12 ? 1000 : n })))
      let landed = 0
      for (let times = 0; times < 6; times++) landed += await project.mend()
      expect(landed).toBe(48)
      expect(await project.rows('select count(*) as n from muster.held_rows')).toEqual([{ n: 12 }])
    }, 60_000)

    test('a table that was dropped is made again', async () => {
      await project.land([ordered(1)])
      await project.run('drop table web.order_completed')
      expect(await project.land([ordered(2)])).toMatchObject({ held: 0 })
      expect(await orders()).toEqual([2])
    })

    test('a column that was dropped is made again', async () => {
      await project.land([ordered(1, { size: 1 })])
      await project.run('alter table web.order_completed drop column size')
      await project.land([ordered(2, { size: 2 })])
      expect(await project.list('select size from web.order_completed order by n')).toEqual([null, 2])
    })

    test('discards that cannot be written wait too', async () => {
      await project.land([ordered(1, { size: 1 }), ordered(2, { size: 'x' })])
      await project.run('alter table web.discards rename to elsewhere')
      await project.run('create view web.discards as select * from web.elsewhere')
      expect(await project.land([ordered(3, { size: 'y' })])).toMatchObject({ loaded: 1, held: 1 })
      await project.run('drop view web.discards')
      await project.run('alter table web.elsewhere rename to discards')
      await project.mend()
      expect(await project.list('select column_value from web.discards order by 1')).toEqual(['x', 'y'])
    })
  })

  describe('overwriting', () => {
    test('an event has the rows it would have now, and none besides', async () => {
      await project.land([ordered(1, { size: 1 }), ordered(2)])
      const changed = { ...ordered(1, { size: 'large', colour: 'red' }), event: 'Order Returned' }
      expect(await project.land([changed], { overwrite: true })).toMatchObject({ loaded: 1, duplicates: 0 })
      expect(await orders()).toEqual([2])
      expect(await project.rows('select size, colour from web.order_returned')).toEqual([
        { size: 'large', colour: 'red' },
      ])
      expect(await tracks()).toEqual(['order-1', 'order-2'])
    })

    test('users are as their events say afterwards', async () => {
      const identify = (id: string, userId: string, plan: string) => ({
        type: 'identify',
        messageId: id,
        userId,
        traits: { plan },
      })
      await project.land([identify('1', 'ann', 'free'), identify('2', 'ann', 'pro'), identify('3', 'bob', 'pro')])
      await project.land([identify('2', 'cy', 'team'), identify('3', 'cy', 'team')], { overwrite: true })
      expect(await project.rows('select id, plan from web.users order by id')).toEqual([
        { id: 'ann', plan: 'free' },
        { id: 'cy', plan: 'team' },
      ])
    })
  })
}
