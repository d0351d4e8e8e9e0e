/**
 * Collecting: what a source's rows say of identifiers — which there are, which stand together, which account they are of.
 */
import type { IdentifierType } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { computeValues } from './computed-values.ts'
import type { Normalisers } from './normalise.ts'
import type { IdentifierColumn, IdentifierSource } from './sources.ts'

export interface Collector extends Normalisers {
  readonly dialect: Dialect
  readonly names: Names
  readonly types: readonly IdentifierType[]
  readonly blocked: readonly string[]
  /** Whether changes are noted: not before the first stitching, which looks at everything. */
  readonly noting: boolean
}

export interface CollectOptions {
  /** Nothing is known of the source yet. */
  readonly first: boolean
  /** SQL of the rows of an event table that are new: a condition. Absent: all rows, and what is there no more goes. */
  readonly newRows?: string
}

/**
 * Brings what is known of a source up to date: sightings, edges with their proof, belongings; and notes what changed.
 * Within the load lane: it numbers identifiers.
 */
export async function collectSource(
  session: Session,
  collector: Collector,
  source: IdentifierSource,
  { first, newRows }: CollectOptions,
): Promise<void> {
  const { dialect, names } = collector
  const raw = rawRows(dialect, source, newRows)
  // Each is read several times: worked out once, it costs what it costs once.
  await session.run(`create temp table raw_rows as ${raw}`)
  if (source.kind === 'events' && (await session.query('select 1 from raw_rows limit 1')).length === 0) {
    await session.run('drop table raw_rows')
    return
  }
  const rawColumns = source.columns.map(({ type }, place) => ({ type, expression: `c${place}` }))
  const computed = { ...collector, table: names.table('identity', 'computed') }
  await computeValues(session, computed, 'raw_rows', rawColumns)
  await session.run(`create temp table found_rows as ${normalRows(collector, source)}`)
  await numberValues(session, collector, source.columns)
  await session.run(`create temp table found_ids as ${idRows(dialect, source.columns)}`)
  const whole = source.kind === 'table'
  await merge(session, collector, {
    source,
    first,
    whole,
    table: 'sightings',
    keys: ['identifier'],
    found: sightings(source.columns),
  })
  await merge(session, collector, {
    source,
    first,
    whole,
    table: 'edges',
    keys: ['a', 'b'],
    found: edges(collector, source.columns),
  })
  const belonging = belongings(collector, source.columns)
  if (belonging)
    await merge(session, collector, {
      source,
      first,
      whole,
      table: 'belongings',
      keys: ['identifier', 'account'],
      found: belonging,
    })
  for (const table of ['raw_rows', 'found_rows', 'found_values', 'found_ids']) await session.run(`drop table ${table}`)
}

/** Columns c0 …, first_seen, last_seen, evidence: each combination of texts once. */
function rawRows(dialect: Dialect, { table, columns, kind }: IdentifierSource, newRows: string | undefined): string {
  const raw = columns.map(({ expression }, place) => `${expression} as c${place}`).join(', ')
  const places = columns.map((_, place) => place + 1).join(', ')
  const where = newRows === undefined ? '' : ` where ${newRows}`
  if (kind === 'table') {
    const proof = columns.map(({ expression }) => `cast(${expression} as varchar)`).join(`, `)
    return `select distinct ${raw}, cast(null as timestamptz) as first_seen, cast(null as timestamptz) as last_seen,
      concat_ws(', ', ${proof}) as evidence from ${table}${where}`
  }
  return `select ${raw}, min("timestamp") as first_seen, max("timestamp") as last_seen,
    ${dialect.minBy('id', '"timestamp"', 'true')} as evidence from ${table}${where} group by ${places}`
}

/** Columns v0 … (normal forms), first_seen, last_seen, evidence. */
function normalRows({ normalForm }: Collector, { columns }: IdentifierSource): string {
  const values = columns.map(({ type }, place) => `${normalForm(type, `c${place}`)} as v${place}`)
  return `select ${values.join(', ')}, first_seen, last_seen, evidence from raw_rows`
}

/** Makes found_values (type, value, id) of all values found; those without a number get one. */
async function numberValues(
  session: Session,
  { dialect, names, namesSomebody }: Collector,
  columns: readonly IdentifierColumn[],
): Promise<void> {
  const identifiers = names.table('identity', 'identifiers')
  // By type, so that a value alone is what is grouped; and whether it names anybody is asked once a value.
  const kinds = [...new Set(columns.map(({ type }) => type))].map((type) => {
    const places = columns.flatMap((column, place) => (column.type === type ? [place] : []))
    const values = places.map(
      (place) => `select v${place} as value, first_seen from found_rows where v${place} is not null`,
    )
    return `select ${dialect.text(type)} as type, value, min(first_seen) as first_seen from (${values.join(' union all ')}) v
      group by value having ${namesSomebody(type, 'value')}`
  })
  await session.run(
    `create temp table known_values as select f.type, f.value, f.first_seen, i.id from (${kinds.join(' union all ')}) f
     left join ${identifiers} i on i.type = f.type and i.value = f.value`,
  )
  // Numbers follow the time of the first sighting, so that the earlier of two is the one seen first.
  await session.run(
    `create temp table found_values as select type, value, id from known_values where id is not null
     union all select type, value, (select coalesce(max(id), 0) from ${identifiers})
       + row_number() over (order by first_seen nulls last, type, ${dialect.byBytes('value')}) from known_values where id is null`,
  )
  await session.run(
    `insert into ${identifiers} (id, type, value) select id, type, value from found_values
     where id > (select coalesce(max(id), 0) from ${identifiers})`,
  )
  await session.run('drop table known_values')
}

/** Columns k0 … (numbers), first_seen, last_seen, evidence. */
function idRows(dialect: Dialect, columns: readonly IdentifierColumn[]): string {
  const ids = columns.map((_, place) => `f${place}.id as k${place}`).join(', ')
  const joins = columns.map(
    ({ type }, place) =>
      `left join found_values f${place} on f${place}.type = ${dialect.text(type)} and f${place}.value = r.v${place}`,
  )
  // Of a pair of one type the end that comes first by its value is `a`, whatever their numbers.
  const alike = columns.flatMap(({ type }, place) =>
    columns.some((other, at) => at !== place && other.type === type) ? [`r.v${place}, `] : [],
  )
  return `select ${ids}, ${alike.join('')}r.first_seen, r.last_seen, r.evidence from found_rows r ${joins.join(' ')}`
}

function sightings(columns: readonly IdentifierColumn[]): string {
  const arms = columns.map(
    (_, place) => `select k${place} as identifier, first_seen, last_seen from found_ids where k${place} is not null`,
  )
  return `select identifier, min(first_seen) as first_seen, max(last_seen) as last_seen from (${arms.join(' union all ')}) x group by 1`
}

/** Each row ties its strongest identifier of an entity to all its others of it. */
function edges({ dialect, types }: Collector, columns: readonly IdentifierColumn[]): string {
  const arms: string[] = []
  for (const entity of ['user', 'account']) {
    const places = placesOf(types, columns, entity)
    for (const [index, place] of places.entries()) {
      const weaker = places
        .slice(0, index)
        .map((stronger) => ` and k${stronger} is null`)
        .join('')
      for (const other of places.slice(index + 1)) {
        const alike = columns[place]?.type === columns[other]?.type
        const first = `${dialect.byBytes(`v${place}`)} <= ${dialect.byBytes(`v${other}`)}`
        const ends = alike
          ? `case when ${first} then k${place} else k${other} end as a, case when ${first} then k${other} else k${place} end as b`
          : `k${place} as a, k${other} as b`
        arms.push(
          `select ${ends}, first_seen, last_seen, evidence from found_ids where k${place} <> k${other}${weaker}`,
        )
      }
    }
  }
  const none =
    'select 0 as a, 0 as b, cast(null as timestamptz) as first_seen, cast(null as timestamptz) as last_seen, cast(null as varchar) as evidence where false'
  const evidence = dialect.minBy('evidence', "coalesce(first_seen, timestamptz 'infinity')", 'true')
  return `select a, b, min(first_seen) as first_seen, max(last_seen) as last_seen, ${evidence} as evidence
    from (${arms.length > 0 ? arms.join(' union all ') : none}) x group by 1, 2`
}

/** The strongest identifier of a user in a row belongs to the row's accounts. */
function belongings({ types }: Collector, columns: readonly IdentifierColumn[]): string | undefined {
  const users = placesOf(types, columns, 'user').map((place) => `k${place}`)
  const accounts = placesOf(types, columns, 'account').map((place) => `k${place}`)
  if (users.length === 0 || accounts.length === 0) return undefined
  return `select coalesce(${users.join(', ')}, null) as identifier, coalesce(${accounts.join(', ')}, null) as account,
      min(first_seen) as first_seen, max(last_seen) as last_seen
    from found_ids where coalesce(${users.join(', ')}, null) is not null and coalesce(${accounts.join(', ')}, null) is not null group by 1, 2`
}

function placesOf(
  types: readonly IdentifierType[],
  columns: readonly IdentifierColumn[],
  entity: string,
): readonly number[] {
  const names = new Set(types.filter((type) => type.entity === entity).map(({ name }) => name))
  return columns.flatMap(({ type }, place) => (names.has(type) ? [place] : []))
}

interface Merge {
  readonly source: IdentifierSource
  /** Nothing is known of the source yet. */
  readonly first: boolean
  /** What was not found is there no more. */
  readonly whole: boolean
  readonly table: 'sightings' | 'edges' | 'belongings'
  readonly keys: readonly string[]
  /** SQL of what was found: the keys, first_seen, last_seen and, of edges, evidence. */
  readonly found: string
}

/** Puts what was found into a table of what is known of the source, and notes which identifiers it changes. */
async function merge(session: Session, collector: Collector, merging: Merge): Promise<void> {
  const { source, first, whole, table, keys, found } = merging
  const { dialect, names } = collector
  const known = names.table('identity', table)
  await session.run(`create temp table found as ${found}`)
  if (!first && whole) await removeLost(session, collector, merging)
  if (!first && !whole) await updateKnown(session, collector, merging)
  const missing = first
    ? 'select f.* from found f'
    : `select f.* from found f left join ${known} k on ${ofSource(dialect, merging, 'k')} where k.source is null`
  if (table !== 'belongings') await note(session, collector, keys, missing, true)
  const columns = [...keys, 'first_seen', 'last_seen', ...(table === 'edges' ? ['evidence'] : [])]
  await session.run(
    `insert into ${known} (source, ${columns.join(', ')}) select ${dialect.text(source.name)}, ${columns.join(', ')} from (${missing}) m`,
  )
  await session.run('drop table found')
}

/** SQL of the condition that a row of what is known is that of `found f`. */
function ofSource(dialect: Dialect, { source, keys }: Merge, alias: string): string {
  const same = keys.map((key) => `f.${key} = ${alias}.${key}`)
  return [...same, `${alias}.source = ${dialect.text(source.name)}`].join(' and ')
}

async function removeLost(session: Session, collector: Collector, merging: Merge): Promise<void> {
  const { dialect, names } = collector
  const { source, table, keys } = merging
  const known = names.table('identity', table)
  const lost = (alias: string) =>
    `${alias}.source = ${dialect.text(source.name)} and not exists (select 1 from found f where ${ofSource(dialect, merging, alias)})`
  await note(session, collector, keys, `select k.* from ${known} k where ${lost('k')}`, table !== 'belongings')
  await session.run(`delete from ${known} where ${lost(known)}`)
}

async function updateKnown(session: Session, collector: Collector, merging: Merge): Promise<void> {
  const { dialect, names } = collector
  const { table, keys } = merging
  const known = names.table('identity', table)
  const same = ofSource(dialect, merging, known)
  if (table === 'sightings') await note(session, collector, keys, 'select * from found', false)
  // When a tie was first seen says in which order it is followed.
  const earlier = `select f.* from found f join ${known} k on ${ofSource(dialect, merging, 'k')} and f.first_seen < k.first_seen`
  if (table === 'edges') await note(session, collector, keys, earlier, true)
  const isEarlier = `f.first_seen < ${known}.first_seen`
  const sets = [
    `first_seen = case when ${isEarlier} then f.first_seen else ${known}.first_seen end`,
    `last_seen = case when f.last_seen > ${known}.last_seen then f.last_seen else ${known}.last_seen end`,
    ...(table === 'edges' ? [`evidence = case when ${isEarlier} then f.evidence else ${known}.evidence end`] : []),
  ]
  await session.run(
    `update ${known} set ${sets.join(', ')} from found f where ${same} and (${isEarlier} or f.last_seen > ${known}.last_seen)`,
  )
}

async function note(
  session: Session,
  { names, noting }: Collector,
  keys: readonly string[],
  rows: string,
  regroup: boolean,
): Promise<void> {
  if (!noting) return
  const touched = names.table('identity', 'touched')
  const ends = keys.map((key) => `select ${key} as identifier from r`)
  await session.run(
    `insert into ${touched} (identifier, regroup, mark)
     with r as (${rows}) select identifier, ${regroup}, (select coalesce(max(mark), 0) + 1 from ${touched}) from (${ends.join(' union all ')}) x`,
  )
}
