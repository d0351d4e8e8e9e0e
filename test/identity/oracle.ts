import type { Named } from './identity-site.ts'

/** What the rules of identity say, read word by word: slow, and knows nothing of how it is done. */
export interface OracleRules {
  readonly limits: Readonly<Record<string, number>>
  readonly sharedAbove: Readonly<Record<string, number>>
}

/** Strongest first. */
const TYPES = ['user_id', 'email', 'phone', 'anonymous_id'] as const

interface Tie {
  readonly a: string
  readonly b: string
  first: number
}

const typeOf = (name: string) => name.slice(0, name.indexOf(' '))
const rank = (name: string) => TYPES.indexOf(typeOf(name) as (typeof TYPES)[number])

/** The groups of `type value` names that rows make; contacts have no time. */
export function groupsOf(
  events: readonly Named[],
  contacts: readonly Named[],
  rules: OracleRules,
): readonly (readonly string[])[] {
  const timed = [
    ...events.map((row) => ({ row, first: row.day ?? 0 })),
    ...contacts.map((row) => ({ row, first: Infinity })),
  ]
  const names = new Set(timed.flatMap(({ row }) => namesOf(row)))
  const ties = tiesOf(timed)
  const shared = new Set([...names].filter((name) => isShared(name, ties, rules)))
  const groups = new Map<string, ReadonlySet<string>>()
  for (const name of names) groups.set(name, new Set([name]))
  for (const { a, b } of inOrder(ties)) {
    if (shared.has(a) || shared.has(b)) continue
    const both = new Set([...(groups.get(a) ?? []), ...(groups.get(b) ?? [])])
    if (breaksLimit(both, rules)) continue
    for (const name of both) groups.set(name, both)
  }
  const distinct = [...new Set(groups.values())].map((group) => [...group].sort())
  return distinct.sort((x, y) => ((x[0] ?? '') < (y[0] ?? '') ? -1 : 1))
}

function namesOf(row: Named): readonly string[] {
  return TYPES.flatMap((type) => (row[type] === undefined ? [] : [`${type} ${row[type]}`]))
}

/** Each row ties its strongest name to its others. */
function tiesOf(timed: readonly { readonly row: Named; readonly first: number }[]): readonly Tie[] {
  const ties = new Map<string, Tie>()
  for (const { row, first } of timed) {
    const [a = '', ...others] = namesOf(row)
    for (const b of others) {
      const known = ties.get(`${a}|${b}`)
      if (known) known.first = Math.min(known.first, first)
      else ties.set(`${a}|${b}`, { a, b, first })
    }
  }
  return [...ties.values()]
}

function breaksLimit(group: ReadonlySet<string>, { limits }: OracleRules): boolean {
  return TYPES.some((type) => [...group].filter((name) => typeOf(name) === type).length > (limits[type] ?? Infinity))
}

function isShared(name: string, ties: readonly Tie[], { limits, sharedAbove }: OracleRules): boolean {
  const neighbours = new Set(ties.flatMap(({ a, b }) => (a === name ? [b] : b === name ? [a] : [])))
  return TYPES.some((type) => {
    const count = [...neighbours].filter((neighbour) => typeOf(neighbour) === type).length
    return count / (limits[type] ?? Infinity) > (sharedAbove[typeOf(name)] ?? Infinity)
  })
}

function inOrder(ties: readonly Tie[]): readonly Tie[] {
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return ties.toSorted(
    (x, y) =>
      rank(x.a) - rank(y.a) ||
      rank(x.b) - rank(y.b) ||
      (x.first === y.first ? 0 : x.first - y.first) ||
      text(x.a, y.a) ||
      text(x.b, y.b),
  )
}
