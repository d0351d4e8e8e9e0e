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
export function groupsOf(events: readonly Named[], contacts: readonly Named[], rules: OracleRules): readonly (readonly string[])[] {
  const ties = new Map<string, Tie>()
  const names = new Set<string>()
  for (const [rows, timed] of [[events, true], [contacts, false]] as const) {
    for (const row of rows) {
      const held = TYPES.flatMap((type) => (row[type] === undefined ? [] : [`${type} ${row[type]}`]))
      for (const name of held) names.add(name)
      const [strongest, ...others] = held
      for (const other of others) {
        const key = `${strongest}|${other}`
        const first = timed ? (row.day ?? 0) : Infinity
        const known = ties.get(key)
        if (known) known.first = Math.min(known.first, first)
        else ties.set(key, { a: strongest ?? '', b: other, first })
      }
    }
  }
  const shared = new Set([...names].filter((name) => isShared(name, [...ties.values()], rules)))
  const groups = new Map<string, Set<string>>([...names].map((name) => [name, new Set([name])]))
  for (const { a, b } of inOrder([...ties.values()])) {
    if (shared.has(a) || shared.has(b)) continue
    const [one, other] = [groups.get(a) ?? new Set(), groups.get(b) ?? new Set()]
    if (one === other) continue
    const both = new Set([...one, ...other])
    if (TYPES.some((type) => [...both].filter((name) => typeOf(name) === type).length > (rules.limits[type] ?? Infinity))) continue
    for (const name of both) groups.set(name, both)
  }
  const distinct = [...new Set(groups.values())].map((group) => [...group].sort())
  return distinct.sort((x, y) => ((x[0] ?? '') < (y[0] ?? '') ? -1 : 1))
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
