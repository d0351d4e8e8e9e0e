import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { freshDatabase } from '../postgres/database.ts'
import { LandedProject } from './landed-project.ts'
import { loaderContract } from './loader.contract.ts'

describe('landing on Postgres', () => {
  loaderContract(async () => ({ engine: 'postgres', url: await freshDatabase() }))
})

const ordered = (order: number, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId: 'ann',
  messageId: `order-${order}`,
  properties: { n: order, ...more },
})

describe('a table that somebody else holds', () => {
  test.each([
    ['order_completed', 1, 'order-1 order-2'],
    ['tracks', 2, 'order-1'],
  ])('%s: its rows wait, the others land', { timeout: 60_000 }, async (table, held, tracks) => {
    const url = await freshDatabase()
    await using project = await LandedProject.open({ engine: 'postgres', url })
    await project.land([ordered(1)])
    const somebody = new pg.Client(url)
    await somebody.connect()
    try {
      await somebody.query(`begin; lock table web.${table}`)
      expect(await project.land([ordered(2), { type: 'page', messageId: 'p' }])).toMatchObject({ held })
      expect(await project.list('select id from web.pages')).toEqual(['p'])
      await somebody.query('rollback')
    } finally {
      await somebody.end()
    }
    expect((await project.list('select id from web.tracks order by id')).join(' ')).toBe(tracks)
    expect(await project.mend()).toBe(held)
    expect(await project.list('select n from web.order_completed order by n')).toEqual([1, 2])
    expect(await project.list('select id from web.tracks order by id')).toEqual(['order-1', 'order-2'])
  })
})

test('why rows are held tells no values of theirs', async () => {
  await using project = await LandedProject.open({ engine: 'postgres', url: await freshDatabase() })
  await project.land([ordered(1, { email: 'x@example.com' })])
  await project.run(`alter table web.order_completed add check (email not like 'secret%')`)
  await project.land([ordered(2, { email: 'secret@example.com' })])
  expect(await project.list('select reason from muster.held_rows')).toEqual([
    'new row for relation "order_completed" violates check constraint "order_completed_email_check"',
  ])
})

test('an event that is called like an index has its table', async () => {
  await using project = await LandedProject.open({ engine: 'postgres', url: await freshDatabase() })
  const long = 'An Event Of So Long A Name That Postgres Would Cut It Off Beyond 63 Bytes'
  const events = ['Order', 'Tracks Id Idx', 'Order Id Idx', 'Order Id', long]
  const landed = await project.land(events.map((event) => ({ type: 'track', event })))
  expect(landed).toMatchObject({ loaded: 5, held: 0 })
  await project.run('alter table web.order_id rename to earlier')
  expect(await project.land([{ type: 'track', event: 'Order Id' }])).toMatchObject({ held: 0 })
  const indices = await project.list(`select indexname from pg_indexes where schemaname = 'web'`)
  expect(indices).toHaveLength(7)
  for (const index of indices) expect(index).toMatch(/^[a-z0-9_]+\.id\.[0-9a-f]{8}$/)
})

test.each([
  ['long texts', (index: number) => `value number ${index} of that event`],
  ['short texts', (index: number) => `short text number ${index}`.slice(0, 23)],
  ['numbers', (index: number) => index],
  ['numbers and texts', (index: number) => (index % 2 === 0 ? index : `value number ${index} of that event`)],
])('a row that is too wide lands with what it has room for: 990 %s', { timeout: 60_000 }, async (_, value) => {
  await using project = await LandedProject.open({ engine: 'postgres', url: await freshDatabase() })
  const many = Object.fromEntries(Array.from({ length: 990 }, (__, index) => [`c${index}`, value(index)]))
  const { held, discards } = await project.land([ordered(1, many)])
  expect(held).toBe(0)
  expect(await project.rows('select distinct row_id, reason from web.discards')).toEqual([
    { row_id: 'order-1', reason: 'the row is too wide' },
  ])
  const [row = {}] = await project.rows('select * from web.order_completed')
  expect(row).toMatchObject({ id: 'order-1', user_id: 'ann', event: 'order_completed', c0: value(0) })
  expect(Object.entries(row).filter(([name, cell]) => /^c\d/.test(name) && cell !== null).length + discards).toBe(990)
})
