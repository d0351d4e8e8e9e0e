import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patient, runs } from '../../core/test/patience.ts'
import { openDuckdb } from '../../warehouse/duckdb/duckdb-warehouse.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { parseSelect, rewriteSelect } from './index.ts'

const TABLES = ['models.x', 'models.y', 'web.x', 'web.orders', 'main.profiles']

const table = fc.constantFrom(...TABLES, 'profiles', 'profiles', 'x')
const alias = fc.constantFrom('', '', '', ' x', ' as t', ' profiles')
const column = fc.constantFrom(
  'id',
  'a',
  'x.id',
  'models.x.id',
  'web.x.a',
  'profiles.id',
  'main.profiles.id',
  't.id',
  "'now()'",
)
const name = fc.constantFrom('x', 'profiles', 'c')

/** Queries in which the same names mean tables, CTEs and aliases, here and there; most of them bind. */
const { query } = fc.letrec<Record<'query' | 'core' | 'select' | 'from' | 'relation' | 'condition', string>>((tie) => ({
  relation: fc.oneof(
    { weight: 7, arbitrary: fc.tuple(table, alias).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: fc.tuple(tie('query'), name).map(([inner, as]) => `(${inner}) ${as}`) },
  ),
  from: fc.oneof(
    { weight: 3, arbitrary: tie('relation') },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('relation'), fc.constantFrom(', ', ' cross join '), tie('relation'))
        .map((parts) => parts.join('')),
    },
  ),
  condition: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(column, column).map(([a, b]) => `${a}::text <> ${b}::text`) },
    { weight: 1, arbitrary: tie('query').map((inner) => `exists (${inner})`) },
    { weight: 1, arbitrary: tie('query').map((inner) => `id in (select id from (${inner}) w)`) },
  ),
  select: fc
    .tuple(column, tie('from'), fc.option(tie('condition')))
    .map(([first, from, where]) => `select ${first} as id, 'p' as a from ${from}${where ? ` where ${where}` : ''}`),
  core: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: tie('select') },
    { weight: 1, arbitrary: fc.tuple(tie('core'), tie('core')).map(([a, b]) => `(${a}) union all (${b})`) },
  ),
  query: fc.oneof(
    { weight: 3, arbitrary: tie('core') },
    {
      weight: 1,
      arbitrary: fc.tuple(name, tie('core'), tie('query')).map(([cte, a, b]) => `with ${cte} as (${a}) ${b}`),
    },
  ),
}))

let folder: string
let warehouse: Warehouse

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-sql-'))
  const at = (file: string) => join(folder, file)
  warehouse = await openDuckdb({
    path: at('w.duckdb'),
    scratch: at('scratch'),
    data: at('data'),
    memoryLimit: '256MB',
    threads: 1,
  })
  await warehouse.session(async (session) => {
    for (const schema of ['models', 'web', 'p_models', 'p_web', 'p_main']) await session.run(`create schema ${schema}`)
    for (const [index, each] of TABLES.entries()) {
      const rows = `select i + ${index} as id, '${each}' || i as a from range(3) r(i)`
      await session.run(`create table ${each} as ${rows}`)
      await session.run(`create table p_${each} as ${rows}`)
    }
  })
})

afterAll(async () => {
  await warehouse[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function rows(sql: string): Promise<readonly string[] | undefined> {
  const found = await warehouse.session((session) => session.query(sql)).catch(() => undefined)
  return found?.map((row) => JSON.stringify(row)).sort()
}

test('a query gives the same rows from the tables put in place', { timeout: patient(60_000) }, async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(query, fc.boolean(), async (sql, asSubquery) => {
      const expected = await rows(sql)
      if (!expected) return
      const { select, problems } = parseSelect(sql, { file: 'models/m.sql', dialect: 'duckdb' })
      expect(problems).toEqual([])
      if (!select) return
      const text = rewriteSelect(sql, select, {
        asOf: new Date(0),
        from: 'duckdb',
        to: 'duckdb',
        timezone: 'UTC',
        table: ({ schema = 'main', name: read }) =>
          asSubquery ? `(from "p_${schema}"."${read}" e)` : `"p_${schema}"."${read}"`,
      })
      // A CTE that nothing reads is never bound, so what it says may be nonsense.
      if (sql.includes('with ') && (await rows(text)) === undefined) return
      expect(await rows(text)).toEqual(expected)
      compared++
    }),
    { numRuns: runs(1000) },
  )
  expect(compared).toBeGreaterThan(50)
})
