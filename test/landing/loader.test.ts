import { describe, expect, test } from 'vitest'
import { MAX_TABLES } from '../../src/warehouse/event-schema.ts'
import { LandedProject } from './landed-project.ts'
import { loaderContract } from './loader.contract.ts'

const settings = { memory_limit: '512MB', threads: 1 }

describe('landing on DuckDB', () => {
  loaderContract(async () => settings)

  test('an event without room for a table of its own lands in those there are, and that is told', {
    timeout: 60_000,
  }, async () => {
    await using project = await LandedProject.open(settings)
    const sent = (event: string, id: string) => ({ type: 'track', event, messageId: id, properties: { n: 1 } })
    await project.land([sent('First', 'a')])
    const others = [...(await project.site.warehouse.columns('web')).keys()].length
    const tables = Array.from({ length: MAX_TABLES - others - 1 }, (_, n) => `create table web.t${n} (id varchar)`)
    await project.site.warehouse.define(tables)
    await project.site.landing.exclusively(async () => {}) // makes the loader look at the tables anew
    const landed = await project.land([sent('Last', 'b'), sent('Too Many', 'c'), sent('First', 'd'), sent('Also', 'e')])
    expect(landed).toMatchObject({ loaded: 4, held: 0 })
    expect(await project.list('select id from web.tracks order by 1')).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await project.list('select id from web.first order by 1')).toEqual(['a', 'd'])
    expect(await project.list('select id from web.last')).toEqual(['b'])
    expect(await project.rows('select row_id, table_name, reason from web.discards order by 1')).toEqual([
      { row_id: 'c', table_name: 'too_many', reason: 'the source has 5000 tables already' },
      { row_id: 'e', table_name: 'also', reason: 'the source has 5000 tables already' },
    ])
    expect((await project.site.warehouse.columns('web')).size).toBe(MAX_TABLES)
    // Standard tables are always made.
    expect(await project.land([{ type: 'page', messageId: 'p' }])).toMatchObject({ loaded: 1, held: 0 })
    expect(await project.list('select id from web.pages')).toEqual(['p'])
  })
})
