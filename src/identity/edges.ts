import type { Dialect } from '../warehouse/dialect.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { type Normaliser, numberIdentifiers } from './identifiers.ts'
import type { IdentifierSource } from './sources.ts'

export interface EdgeScope {
  /** Rows of loads after this one … */
  readonly after: number
  /** … up to this one. */
  readonly upTo: number
}

/**
 * Finds the identifiers and edges of a source's rows and keeps those not known yet, with the earliest proof.
 * Within the load lane: it numbers identifiers.
 */
export async function collectEdges(
  session: Session,
  dialect: Dialect,
  names: Names,
  normalise: Normaliser,
  source: IdentifierSource,
  scope: EdgeScope,
): Promise<void> {
  const rows = distinctRows(dialect, normalise, source, scope)
  // Both are read several times: worked out once, they cost what they cost once.
  await session.run(`create temp table found_rows as ${rows.sql}`)
  await numberIdentifiers(session, dialect, names, identifiersOf(dialect, source))
  await session.run(`create temp table found_edges as ${foundEdges(dialect, names, rows, source)}`)
  const edges = names.table('identity', 'edges')
  if (source.kind === 'table') {
    await session.run(
      `delete from ${edges} where source = $1 and not exists
       (select 1 from found_edges f where f.a = ${edges}.a and f.b = ${edges}.b)`,
      [source.name],
    )
  } else {
    await session.run(
      `update ${edges} set first_seen = f.seen, evidence = f.evidence from found_edges f
       where f.a = ${edges}.a and f.b = ${edges}.b and ${edges}.source = $1 and f.seen < ${edges}.first_seen`,
      [source.name],
    )
  }
  await session.run(
    `insert into ${edges} (a, b, source, evidence, first_seen)
     select f.a, f.b, $1, f.evidence, f.seen from found_edges f
     left join ${edges} e on e.a = f.a and e.b = f.b and e.source = $1 where e.a is null`,
    [source.name],
  )
  await session.run('drop table found_rows')
  await session.run('drop table found_edges')
}

interface DistinctRows {
  readonly sql: string
  readonly width: number
}

/** Columns v0 … (normalised, strongest first), seen, evidence: each combination once. */
function distinctRows(
  dialect: Dialect,
  normalise: Normaliser,
  { table, columns, kind }: IdentifierSource,
  { after, upTo }: EdgeScope,
): DistinctRows {
  const raw = columns.map(({ column }, index) => `${dialect.identifier(column)} as c${index}`).join(', ')
  const places = columns.map((_, index) => index + 1).join(', ')
  const proof =
    kind === 'events'
      ? `min("timestamp") as seen, min(id) as evidence`
      : `cast(null as timestamptz) as seen, cast(null as varchar) as evidence`
  const range = kind === 'events' ? ` where _load > ${after} and _load <= ${upTo}` : ''
  const values = columns.map(({ type }, index) => `${normalise(type, `c${index}`)} as v${index}`).join(', ')
  return {
    sql: `select ${values}, seen, evidence from (select ${raw}, ${proof} from ${table}${range} group by ${places}) raw`,
    width: columns.length,
  }
}

function identifiersOf(dialect: Dialect, { columns }: IdentifierSource): string {
  return columns
    .map(({ type }, index) => `select ${dialect.text(type)} as type, v${index} as value from found_rows`)
    .join(' union all ')
}

/** Each row ties its strongest identifier to all its others: columns a, b, seen, evidence. */
function foundEdges(dialect: Dialect, names: Names, { width }: DistinctRows, { columns }: IdentifierSource): string {
  const arms: string[] = []
  for (let i = 0; i < width; i++) {
    const weaker = Array.from({ length: i }, (_, k) => ` and v${k} is null`).join('')
    for (let j = i + 1; j < width; j++) {
      arms.push(
        `select ${dialect.text(columns[i]?.type ?? '')} as ta, v${i} as va, ${dialect.text(columns[j]?.type ?? '')} as tb,
         v${j} as vb, seen, evidence from found_rows where v${i} is not null and v${j} is not null${weaker}`,
      )
    }
  }
  if (arms.length === 0)
    return 'select 0 as a, 0 as b, cast(null as timestamptz) as seen, cast(null as varchar) as evidence where false'
  const identifiers = names.table('identity', 'identifiers')
  return `with pairs as (${arms.join(' union all ')})
    select x.id as a, y.id as b, min(p.seen) as seen, min(p.evidence) as evidence from pairs p
    join ${identifiers} x on x.type = p.ta and x.value = p.va
    join ${identifiers} y on y.type = p.tb and y.value = p.vb
    where x.id <> y.id group by 1, 2`
}
