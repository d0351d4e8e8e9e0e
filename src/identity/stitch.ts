/**
 * Stitching: one run's answer to "who is who", written as identity.members, with every merge and split recorded.
 */

import type { Dialect } from '../warehouse/dialect.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'
import { type Assignment, assignProfiles } from './assign.ts'
import { type Edge, type Grouping, group } from './grouping.ts'

export interface StitchInput {
  readonly warehouse: Warehouse
  /** Where edges and the history of ids are. */
  readonly names: Names
  /** Where members go: `names`, or those of a historic run. */
  readonly target: Names
  /** Types of identifiers, strongest first. */
  readonly types: readonly string[]
  /** SQL of the identifiers in play: one column, `identifier`. */
  readonly active: string
  readonly run: number
  readonly asOf: Date
}

export interface StitchResult {
  readonly identifiers: number
  readonly profiles: number
  readonly refused: number
  readonly shared: number
}

export interface GraphInput {
  readonly dialect: Dialect
  readonly names: Names
  readonly types: readonly string[]
  /** SQL of the identifiers in play: one column, `identifier`. */
  readonly active: string
  /** SQL of identifiers, of which only edges between two of them are read. */
  readonly within?: string
  readonly asOf: Date
}

interface Graph {
  readonly nodes: Uint32Array
  /** Strength of each identifier's type by identifier number, 0 strongest. */
  readonly ranks: Uint8Array
  readonly edges: Uint32Array
  readonly shared: readonly Edge[]
  /** User ids: a group has one. */
  readonly singular: ReadonlySet<number>
}

/** Groups the identifiers in play and gives each group its profile id. */
export async function stitch(input: StitchInput): Promise<StitchResult> {
  const { warehouse, names } = input
  const { dialect } = warehouse
  const graph = await warehouse.session((session) => readGraph(session, { ...input, dialect }))
  const grouping = group(graph)
  const assignment = await warehouse.session(async (session) => {
    const history = new Map<number, number>()
    const ids = names.table('identity', 'ids')
    for await (const rows of session.stream<{ identifier: number; profile_id: number }>(
      `select identifier, profile_id from ${ids}`,
    )) {
      for (const { identifier, profile_id } of rows) history.set(identifier, profile_id)
    }
    const [last] = await session.query<{ id: number | null }>(`select max(profile_id) as id from ${ids}`)
    return assignProfiles({
      nodes: graph.nodes,
      groups: grouping.groups,
      history,
      rank: (identifier) => graph.ranks[identifier] ?? 0,
      nextId: (last?.id ?? 0) + 1,
    })
  })
  await write(input, graph, grouping, assignment)
  return {
    identifiers: graph.nodes.length,
    profiles: assignment.profiles.size,
    refused: grouping.refused.length,
    shared: new Set(graph.shared.map(({ b }) => b)).size,
  }
}

/** Identifiers and edges in canonical order. */
export async function readGraph(
  session: Session,
  { dialect, names, types, active, within, asOf }: GraphInput,
): Promise<Graph> {
  const identifiers = names.table('identity', 'identifiers')
  const seen = `(e.first_seen is null or e.first_seen <= ${dialect.timestamp(asOf)})`
  const rank = rankOf(dialect, types)
  const inside = within === undefined ? '' : ` and e.a in (${within}) and e.b in (${within})`
  const edges = `select e.a, e.b, e.first_seen from ${names.table('identity', 'edges')} e where ${seen}${inside}`
  const nodes: number[] = []
  const ranks: number[] = []
  for await (const rows of session.stream<{ id: number; rank: number }>(
    `select i.id, ${rank('i.type')} as rank from ${identifiers} i
     join (select identifier from (${active}) x union select a from (${edges}) y union select b from (${edges}) z) n
     on n.identifier = i.id order by i.id`,
  )) {
    for (const row of rows) {
      nodes.push(row.id)
      ranks[row.id] = row.rank
    }
  }
  // A machine shared by several users is evidence for none of them.
  const shared = `select e.b from (${edges}) e join ${identifiers} x on x.id = e.a join ${identifiers} y on y.id = e.b
    where x.type = 'user_id' and y.type = 'anonymous_id' group by e.b having count(distinct e.a) > 1`
  const pairs: number[] = []
  const sharedEdges: Edge[] = []
  for await (const rows of session.stream<{ a: number; b: number; shared: boolean }>(
    `select e.a, e.b, e.b in (${shared}) or e.a in (${shared}) as shared from (select a, b, min(first_seen) as first_seen from (${edges}) d group by a, b) e
     join ${identifiers} x on x.id = e.a join ${identifiers} y on y.id = e.b
     order by ${rank('x.type')}, ${rank('y.type')}, e.first_seen nulls last, ${dialect.byBytes('x.value')}, ${dialect.byBytes('y.value')}`,
  )) {
    for (const edge of rows) {
      if (edge.shared) sharedEdges.push({ a: edge.a, b: edge.b })
      else pairs.push(edge.a, edge.b)
    }
  }
  const ranksById = new Uint8Array((nodes.at(-1) ?? 0) + 1)
  for (const id of nodes) ranksById[id] = ranks[id] ?? 0
  const userRank = types.indexOf('user_id')
  return {
    nodes: Uint32Array.from(nodes),
    ranks: ranksById,
    edges: Uint32Array.from(pairs),
    shared: sharedEdges,
    singular: new Set(nodes.filter((id) => ranks[id] === userRank)),
  }
}

function rankOf(dialect: Dialect, types: readonly string[]): (column: string) => string {
  const cases = types.map((type, index) => `when ${dialect.text(type)} then ${index}`).join(' ')
  return (column) => `case ${column} ${cases} else ${types.length} end`
}

async function write(
  { warehouse, names, target, run, asOf }: StitchInput,
  graph: Graph,
  grouping: Grouping,
  assignment: Assignment,
): Promise<void> {
  const historic = target !== names
  const members = target.table('identity', 'members')
  const at = warehouse.dialect.timestamp(asOf)
  await warehouse.transaction('build', async (session) => {
    await session.run(`create schema if not exists ${warehouse.dialect.identifier(target.schema('identity'))}`)
    await session.run(`create table if not exists ${members} (identifier bigint, profile_id bigint)`)
    const { relation } = await session.stage(
      { identifier: 'int', profile_id: 'int' },
      membersOf(graph, grouping, assignment),
    )
    if (!historic) {
      await session.run(
        `insert into ${names.table('identity', 'changes')} (run, kind, from_profile, to_profile, identifiers, changed_at)
         select ${run}, case when c.from_profile in (select profile_id from ${relation}) then 'split' else 'merge' end,
           c.from_profile, c.to_profile, c.identifiers, ${at}
         from (select m.profile_id as from_profile, n.profile_id as to_profile, count(*) as identifiers from ${members} m
               join ${relation} n on n.identifier = m.identifier where n.profile_id <> m.profile_id group by 1, 2) c`,
      )
      const ids = await session.stage({ identifier: 'int', profile_id: 'int' }, assignedRows(assignment))
      await session.run(
        `insert into ${names.table('identity', 'ids')} select identifier, profile_id, ${at} from ${ids.relation}`,
      )
      await writeRefusals(session, names, graph, grouping)
    }
    await session.run(`delete from ${members}`)
    await session.run(`insert into ${members} select identifier, profile_id from ${relation}`)
  })
}

async function writeRefusals(session: Session, names: Names, graph: Graph, grouping: Grouping): Promise<void> {
  const refusals = names.table('identity', 'refusals')
  const rows = [
    ...grouping.refused.map((edge) => ({ ...edge, reason: 'a profile has at most one user_id' })),
    ...graph.shared.map((edge) => ({ ...edge, reason: 'the anonymous_id is shared by several users' })),
  ]
  const { relation } = await session.stage({ a: 'int', b: 'int', reason: 'string' }, rows)
  await session.run(`delete from ${refusals}`)
  await session.run(`insert into ${refusals} select a, b, reason from ${relation}`)
}

function* membersOf({ nodes }: Graph, { groups }: Grouping, { profiles }: Assignment) {
  for (let place = 0; place < nodes.length; place++) {
    yield { identifier: nodes[place], profile_id: profiles.get(groups[place] ?? 0) }
  }
}

function* assignedRows({ assigned }: Assignment) {
  for (const { identifier, profileId } of assigned) yield { identifier, profile_id: profileId }
}
