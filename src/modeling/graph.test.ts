import { describe, expect, test } from 'vitest'
import { MusterError } from '../core/errors.ts'
import { formatProblem } from '../core/problems.ts'
import type { Audience, Model, SourceTable } from '../project/project.ts'
import { buildGraph, type GraphResult, selectNodes } from './graph.ts'
import { parseSelect } from './sql/index.ts'

/** id → SQL; an id that ends in `*` is a model at profile grain, in `**` at account grain; `#tag` after it tags it. */
type Sketch = Readonly<Record<string, string>>

const GRAINS = [undefined, 'user', 'account'] as const

function definition(key: string, sql: string): Model | Audience {
  const [, id = '', stars = '', tag] = /^([^*#]+)(\**)#?(.*)$/.exec(key) ?? []
  const grain = GRAINS[stars.length]
  const [schema = '', name = ''] = id.split('.')
  const common = { id, name, description: '', sql, tags: tag ? [tag] : [], send: [] }
  if (schema === 'audiences') return { ...common, schema, file: `audiences/${name}.sql`, entity: 'user' }
  const folder = schema === 'models' ? '' : `${schema}/`
  const file = `models/${folder}${name}.sql`
  return { ...common, schema, file, materialize: 'table', ...(grain && { grain }) }
}

const CUSTOMERS: SourceTable = {
  schema: 'billing',
  name: 'customers',
  identifiers: { email: 'email' },
  text: [],
  minRowsShare: 0.5,
  file: 'muster.yaml',
  line: 1,
  column: 1,
}

function build(
  sketch: Sketch,
  { tables, prefix = '' }: { tables?: readonly string[]; prefix?: string } = {},
): GraphResult {
  const definitions = Object.entries(sketch).map(([key, sql]) => definition(key, sql))
  const models = definitions.filter((each): each is Model => each.schema !== 'audiences')
  const audiences = definitions.filter((each): each is Audience => each.schema === 'audiences')
  const selects = new Map(
    definitions.flatMap(({ id, sql, file }) => {
      const { select } = parseSelect(sql, { file, dialect: 'duckdb' })
      return select ? [[id, select] as const] : []
    }),
  )
  const place = { file: 'muster.yaml', line: 1, column: 1 }
  const shop = { name: 'My Shop', writeKey: 'k', enabled: true, onInvalid: 'quarantine', paths: {}, ...place } as const
  const sources = { 'My Shop': shop }
  const project = { models, audiences, sources, sourceTables: [CUSTOMERS], prefix }
  return buildGraph({ project, selects, ...(tables && { tables: new Set(tables) }) })
}

const problemsOf = (sketch: Sketch, options?: Parameters<typeof build>[1]) =>
  build(sketch, options).problems.map(formatProblem)
const ids = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id)

const SHOP: Sketch = {
  'audiences.lapsed':
    'select profile_id from profiles p where not exists (from audiences.at_risk a where a.profile_id = p.profile_id)',
  'audiences.at_risk#daily': 'select profile_id from main.profiles where value > 3',
  'models.value*#daily': 'select profile_id, sum(total) as value from web.totals group by 1',
  'web.totals': 'select profile_id, total from stitched.billing_customers join identity.profiles using (profile_id)',
  'models.report': 'select count(*) as rows from profiles',
}

describe('order', () => {
  const { graph, problems } = build(SHOP)

  test('every node follows what it reads', () => {
    expect(problems).toEqual([])
    expect(ids(graph.order)).toEqual([
      'web.totals',
      'models.value',
      'profiles',
      'audiences.at_risk',
      'audiences.lapsed',
      'models.report',
    ])
  })

  test('it does not depend on the order of the files', () => {
    const reversed = Object.fromEntries(Object.entries(SHOP).reverse())
    expect(ids(build(reversed).graph.order)).toEqual(ids(graph.order))
  })

  test('what is read is told by its logical name', () => {
    expect(graph.nodes.get('profiles')?.reads).toEqual(['identity.profiles', 'models.value'])
    expect(graph.nodes.get('web.totals')?.reads).toEqual([
      'stitched.billing_customers',
      'billing.customers',
      'identity.profiles',
    ])
    expect(graph.nodes.get('audiences.at_risk')?.reads).toEqual(['profiles'])
  })

  test('upstream and downstream go all the way', () => {
    expect(ids(graph.upstream('audiences.at_risk'))).toEqual(['web.totals', 'models.value', 'profiles'])
    expect(ids(graph.downstream('models.value'))).toEqual([
      'profiles',
      'audiences.at_risk',
      'audiences.lapsed',
      'models.report',
    ])
    expect(ids(graph.downstream('billing.customers'))[0]).toBe('web.totals')
  })

  test.each<[string, Sketch, readonly string[] | undefined]>([
    ['nobody', { 'models.a*': 'select profile_id from identity.profiles' }, undefined],
    ['a reader', { 'models.a': 'select 1 from main.accounts' }, ['identity.accounts']],
    ['a model', { 'models.a**': 'select account_id from identity.accounts' }, ['identity.accounts', 'models.a']],
  ])('accounts are there where %s has to do with them', (_, sketch, reads) => {
    expect(build(sketch).graph.nodes.get('accounts')?.reads).toEqual(reads)
  })

  test('a user may be chosen by a trait of the account', () => {
    const { graph: both, problems: none } = build({
      'models.plan**': 'select account_id, 1 as plan from identity.accounts',
      'models.seat*': 'select u.profile_id, a.plan from identity.account_users u join accounts a using (account_id)',
      'audiences.seats': 'select profile_id from profiles where plan = 1',
    })
    expect(none).toEqual([])
    expect(ids(both.order)).toEqual(['models.plan', 'accounts', 'models.seat', 'profiles', 'audiences.seats'])
  })

  test('a definition with problems of its own has no node, and may be read', () => {
    const broken = build({ 'models.a': 'selec 1', 'models.b': 'select * from models.a' })
    expect(ids(broken.graph.order)).toEqual(['models.b', 'profiles'])
    expect(broken.problems).toEqual([])
  })
})

describe('unknown tables', () => {
  test.each<[string, string]>([
    [
      'select *\nfrom models.vlaue',
      'models/m.sql:2:6 error: There is no table models.vlaue. (Did you mean models.value?)',
    ],
    [
      'from value',
      'models/m.sql:1:6 error: There is no table value; only profiles and accounts go without a schema. (Write models.value.)',
    ],
    [
      'from profile',
      'models/m.sql:1:6 error: There is no table profile; only profiles and accounts go without a schema. (Did you mean profiles?)',
    ],
    [
      'from customers',
      'models/m.sql:1:6 error: There is no table customers; only profiles and accounts go without a schema. (Write billing.customers.)',
    ],
    ['from main.value', 'models/m.sql:1:6 error: There is no table main.value. (Did you mean models.value?)'],
    [
      'from crm.accounts',
      'models/m.sql:1:6 warning: crm.accounts is not part of the project; without the warehouse it cannot be checked. (Make it a model, or name it under source_tables in muster.yaml.)',
    ],
  ])('%s, without the warehouse', (sql, expected) => {
    expect(problemsOf({ 'models.m': sql, 'models.value': 'select 1 as a' })).toEqual([expected])
  })

  test.each([
    'from my_shop.order_completed',
    'from stitched.order_completed',
    'from identity.members',
    'from identity.account_users',
    'from main.accounts',
    'from billing.customers',
  ])('%s is none, without the warehouse', (sql) => expect(problemsOf({ 'models.m': sql })).toEqual([]))

  test.each<[string, readonly string[]]>([
    ['from my_shop.order_completed', []],
    ['from stitched.order_completed', []],
    ['from identity.profiles', []],
    ['from crm.accounts', []],
    [
      'from my_shop.order_complete',
      ['models/m.sql:1:6 warning: my_shop.order_complete is not there yet. (Did you mean my_shop.order_completed?)'],
    ],
    [
      'from stitched.tracks',
      ['models/m.sql:1:6 warning: stitched.tracks is not there yet. (It appears when its first events have landed.)'],
    ],
    [
      'from crm.acounts',
      [
        'models/m.sql:1:6 error: There is no table crm.acounts. (Make it a model, or name it under source_tables in muster.yaml.)',
      ],
    ],
    [
      'from crm.customers',
      ['models/m.sql:1:6 error: There is no table crm.customers. (Did you mean billing.customers?)'],
    ],
    [
      'from models.old',
      [
        'models/m.sql:1:6 error: There is no table models.old. (Make it a model, or name it under source_tables in muster.yaml.)',
      ],
    ],
  ])('%s, with the warehouse', (sql, expected) => {
    const tables = ['my_shop.order_completed', 'prod_stitched.order_completed', 'crm.accounts', 'models.old']
    expect(problemsOf({ 'models.m': sql }, { tables, prefix: 'prod_' })).toEqual(expected)
  })
})

test.each<[string, Sketch, string]>([
  [
    'two',
    { 'models.a': 'select *\nfrom models.b', 'models.b': 'from models.a' },
    'models/a.sql:2:6 error: models.a → models.b → models.a is a cycle: none of them can be built first. (Move what they share into a model of its own.)',
  ],
  [
    'itself',
    { 'models.a': 'from models.a' },
    'models/a.sql:1:6 error: models.a → models.a is a cycle: none of them can be built first. (A model cannot read itself.)',
  ],
  [
    'a trait that reads profiles',
    { 'models.a*': 'select profile_id from profiles' },
    'models/a.sql:1:24 error: models.a → profiles → models.a is a cycle: none of them can be built first. (profiles is made from the models at profile grain; read identity.profiles instead.)',
  ],
  [
    'a trait that reads profiles through another',
    { 'models.a*': 'from models.b', 'models.b': 'select 1 from profiles' },
    'models/b.sql:1:15 error: models.b → profiles → models.a → models.b is a cycle: none of them can be built first. (profiles is made from the models at profile grain; read identity.profiles instead.)',
  ],
  [
    'a trait of accounts that reads accounts',
    { 'models.a**': 'select account_id from accounts' },
    'models/a.sql:1:24 error: models.a → accounts → models.a is a cycle: none of them can be built first. (accounts is made from the models at account grain; read identity.accounts instead.)',
  ],
])('a cycle of %s', (_, sketch, expected) => {
  expect(problemsOf(sketch)).toEqual([expected])
})

describe('selectors', () => {
  const { graph } = build(SHOP)

  test.each<[string | undefined, readonly string[]]>([
    [undefined, ids(graph.order)],
    [' ', ids(graph.order)],
    ['at_risk', ['audiences.at_risk']],
    ['audiences.at_risk, web.totals', ['web.totals', 'audiences.at_risk']],
    ['+value', ['web.totals', 'models.value']],
    ['at_risk+', ['audiences.at_risk', 'audiences.lapsed']],
    ['+profiles+', ids(graph.order)],
    ['tag:daily', ['models.value', 'audiences.at_risk']],
    ['tag:daily+ web.totals', ids(graph.order)],
    ['AT_RISK', ['audiences.at_risk']],
  ])('%j', (selector, expected) => {
    expect(ids(selectNodes(graph, selector))).toEqual(expected)
  })

  test.each<[string, string, string]>([
    ['at_rsk', 'There is no model or audience "at_rsk".', 'Did you mean "at_risk"?'],
    ['tag:dayly', 'No model or audience has the tag "dayly".', 'Did you mean "daily"?'],
    ['+', 'There is no model or audience "".', 'There are'],
  ])('%j is refused', (selector, message, hint) => {
    const error = refusal(() => selectNodes(graph, selector))
    expect(error).toMatchObject({ code: 'usage', message })
    expect(error.hint).toContain(hint)
  })

  test('a name of two', () => {
    const two = build({ 'models.big': 'select 1 as a', 'audiences.big': 'select profile_id from profiles' }).graph
    expect(refusal(() => selectNodes(two, 'big')).message).toBe('"big" may mean audiences.big or models.big.')
    expect(ids(selectNodes(two, 'models.big'))).toEqual(['models.big'])
  })
})

function refusal(work: () => unknown): MusterError {
  try {
    work()
  } catch (error) {
    if (error instanceof MusterError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
