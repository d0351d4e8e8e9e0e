import type { DuckDBConnection } from '@duckdb/node-api'
import { makePlainGraph } from './plain-graph.ts'

export interface Propagated {
  readonly groups: number
  readonly passes: number
}

/** The plain program with groups found in SQL: each identifier takes the least label around it, until none changes. */
export async function plainLabelPropagation(connection: DuckDBConnection): Promise<Propagated> {
  await makePlainGraph(connection)
  await connection.run(`create temp table both_ways as select a, b from pairs union all select b, a from pairs`)
  await connection.run('create table plain.labels as select id, id as label from plain.ids')
  for (let passes = 1; ; passes++) {
    await connection.run(`create table plain.next as select l.id, least(l.label, coalesce(n.label, l.label)) as label
      from plain.labels l left join
      (select p.a as id, min(x.label) as label from both_ways p join plain.labels x on x.id = p.b group by 1) n on n.id = l.id`)
    const changed = await one(
      connection,
      'select count(*) from plain.labels l join plain.next n using (id) where n.label <> l.label',
    )
    await connection.run('drop table plain.labels')
    await connection.run('alter table plain.next rename to labels')
    if (changed === 0)
      return { passes, groups: await one(connection, 'select count(distinct label) from plain.labels') }
  }
}

async function one(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0])
}
