/**
 * Explanation: what ties two identifiers, step by step and dated, or what keeps them apart.
 */
import type { Identifier } from '../event/index.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { groupGraph } from './group-profiles.ts'
import type { Identity } from './identity.ts'
import { neighbourhood } from './neighbourhood.ts'
import { reasonOf } from './stitch.ts'

/** A row, an event or a decision that ties two identifiers. */
export interface Step {
  readonly from: Identifier
  readonly to: Identifier
  readonly source: string
  /** Message id of the event; what the row holds. */
  readonly evidence: string | null
  readonly firstSeen: Date | null
  readonly lastSeen: Date | null
  /** Why it is not followed; null where it is. */
  readonly obstacle: string | null
}

export interface Explanation {
  /** joined: one profile · apart: tied, by what is not followed · unconnected: nothing ties them. */
  readonly verdict: 'joined' | 'apart' | 'unconnected'
  /** The shortest way from one to the other; of two that are apart, the one with the fewest obstacles. */
  readonly path: readonly Step[]
}

interface Tie {
  readonly a: number
  readonly b: number
  readonly source: string
  readonly evidence: string | null
  readonly first_seen: Date | null
  readonly last_seen: Date | null
}

/** Why two identifiers, by their numbers, are one profile or are not, by the edges known now. */
export async function explainPair(
  session: Session,
  identity: Identity,
  from: number,
  to: number,
  asOf: Date,
): Promise<Explanation> {
  const one = await neighbourhood(session, identity, [from], { asOf })
  const other = one.includes(to) ? one : await neighbourhood(session, identity, [to], { asOf })
  const around = [...new Set([...one, ...other])]
  const obstacles = await Obstacles.read(session, identity, around, asOf)
  const ties = await tiesAmong(session, identity, around, asOf)
  const path = shortestPath(ties, from, to, (tie) => obstacles.of(tie) !== null)
  if (path === undefined) return { verdict: 'unconnected', path: [] }
  const names = await namesOf(
    session,
    identity,
    path.flatMap(({ a, b }) => [a, b]),
  )
  const steps: Step[] = []
  let at = from
  for (const tie of path) {
    const next = otherEnd(tie, at)
    const { source, evidence, first_seen: firstSeen, last_seen: lastSeen } = tie
    const obstacle = obstacles.of(tie)
    steps.push({ from: nameOf(names, at), to: nameOf(names, next), source, evidence, firstSeen, lastSeen, obstacle })
    at = next
  }
  return { verdict: obstacles.areOne(from, to) ? 'joined' : 'apart', path: steps }
}

/** What is not followed, and why. */
class Obstacles {
  readonly #refused: ReadonlyMap<string, string>
  readonly #nobody: ReadonlyMap<number, string>
  readonly #groups: ReadonlyMap<number, number>

  private constructor(
    refused: ReadonlyMap<string, string>,
    nobody: ReadonlyMap<number, string>,
    groups: ReadonlyMap<number, number>,
  ) {
    this.#refused = refused
    this.#nobody = nobody
    this.#groups = groups
  }

  static async read(session: Session, identity: Identity, around: readonly number[], asOf: Date): Promise<Obstacles> {
    const { types } = identity
    const region = identity.only(around)
    const { graph, groups, shared, refused } = await groupGraph(session, { ...identity.graphInput, asOf, region })
    const reasons = new Map(refused.map(({ a, b, type }) => [keyOf(a, b), reasonOf(types, type)]))
    const nobody = new Map<number, string>()
    for (const { place, type, ties } of shared) {
      const own = types.nameOf(graph.types[place] ?? 0)
      nobody.set(
        graph.identifiers[place] ?? 0,
        `this ${own} is tied to ${ties} ${types.nameOf(type)}s: it names nobody`,
      )
    }
    for (const place of graph.ignored) nobody.set(graph.identifiers[place] ?? 0, 'a decision ignores it')
    const byNumber = new Map<number, number>()
    for (let place = 0; place < graph.inside; place++) byNumber.set(graph.identifiers[place] ?? 0, groups[place] ?? 0)
    return new Obstacles(reasons, nobody, byNumber)
  }

  of({ a, b }: Tie): string | null {
    return this.#nobody.get(a) ?? this.#nobody.get(b) ?? this.#refused.get(keyOf(a, b)) ?? null
  }

  areOne(one: number, other: number): boolean {
    return one === other || (this.#groups.has(one) && this.#groups.get(one) === this.#groups.get(other))
  }
}

const keyOf = (a: number, b: number): string => (a < b ? `${a}|${b}` : `${b}|${a}`)

/** Each pair once, by its earliest proof; decisions before all. */
async function tiesAmong(
  session: Session,
  { names, dialect }: Identity,
  around: readonly number[],
  asOf: Date,
): Promise<readonly Tie[]> {
  const list = around.join(', ')
  const within = `a in (${list}) and b in (${list})`
  const rows = await session.query<Tie>(
    `select a, b, 'decisions' as source, note as evidence, cast(null as timestamptz) as first_seen, cast(null as timestamptz) as last_seen
       from ${names.table('identity', 'decisions')} where action = 'join' and ${within}
     union all select a, b, source, evidence, first_seen, last_seen from ${names.table('identity', 'edges')}
       where ${within} and (first_seen is null or first_seen <= ${dialect.timestamp(asOf)})`,
  )
  const time = ({ source, first_seen }: Tie) =>
    source === 'decisions' ? -Infinity : (first_seen?.getTime() ?? Infinity)
  const byPair = new Map<string, Tie>()
  for (const tie of rows) {
    const known = byPair.get(keyOf(tie.a, tie.b))
    if (!known || time(tie) < time(known)) byPair.set(keyOf(tie.a, tie.b), tie)
  }
  return [...byPair.values()]
}

/** Obstacles weigh more than any length; of ways with as many, the shortest. */
function shortestPath(
  ties: readonly Tie[],
  from: number,
  to: number,
  isBlocked: (tie: Tie) => boolean,
): readonly Tie[] | undefined {
  const byEnd = tiesByEnd(ties)
  const before = new Map<number, Tie | undefined>([[from, undefined]])
  // What is reached without a further obstacle is looked at before what is beyond one.
  for (let layer = [from]; layer.length > 0 && !before.has(to); ) {
    const beyond = walk(layer, byEnd, before, isBlocked)
    layer = []
    for (const { end, tie } of beyond) {
      if (before.has(end)) continue
      before.set(end, tie)
      layer.push(end)
    }
  }
  if (!before.has(to)) return undefined
  const path: Tie[] = []
  for (let at = to, tie = before.get(at); tie; tie = before.get(at)) {
    path.unshift(tie)
    at = otherEnd(tie, at)
  }
  return path
}

interface Beyond {
  readonly end: number
  readonly tie: Tie
}

/** Follows all that may be followed from these, breadth first; gives what lies beyond an obstacle. */
function walk(
  from: readonly number[],
  byEnd: ReadonlyMap<number, readonly Tie[]>,
  before: Map<number, Tie | undefined>,
  isBlocked: (tie: Tie) => boolean,
): readonly Beyond[] {
  const queue = [...from]
  const beyond: Beyond[] = []
  for (const at of queue) {
    for (const tie of byEnd.get(at) ?? []) {
      const end = otherEnd(tie, at)
      if (before.has(end)) continue
      if (isBlocked(tie)) beyond.push({ end, tie })
      else {
        before.set(end, tie)
        queue.push(end)
      }
    }
  }
  return beyond
}

function tiesByEnd(ties: readonly Tie[]): ReadonlyMap<number, readonly Tie[]> {
  const byEnd = new Map<number, Tie[]>()
  for (const tie of ties) {
    for (const end of [tie.a, tie.b]) {
      const known = byEnd.get(end)
      if (known) known.push(tie)
      else byEnd.set(end, [tie])
    }
  }
  return byEnd
}

const otherEnd = ({ a, b }: Tie, end: number): number => (a === end ? b : a)

async function namesOf(
  session: Session,
  { names }: Identity,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, Identifier>> {
  if (numbers.length === 0) return new Map()
  const rows = await session.query<Identifier & { id: number }>(
    `select id, type, value from ${names.table('identity', 'identifiers')} where id in (${[...new Set(numbers)].join(', ')})`,
  )
  return new Map(rows.map(({ id, type, value }) => [id, { type, value }]))
}

function nameOf(names: ReadonlyMap<number, Identifier>, number: number): Identifier {
  return names.get(number) ?? { type: 'unknown', value: String(number) }
}
