import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignProfiles } from './assign.ts'
import { type Edge, group } from './grouping.ts'

const NODES = 14

const graph = fc.record({
  edges: fc.array(
    fc.tuple(fc.integer({ min: 1, max: NODES }), fc.integer({ min: 1, max: NODES })).filter(([a, b]) => a !== b),
    { maxLength: 25 },
  ),
  singular: fc.uniqueArray(fc.integer({ min: 1, max: NODES }), { maxLength: 5 }),
})

const nodes = Uint32Array.from({ length: NODES }, (_, index) => index + 1)

/** The rule read word by word: an edge joins two groups unless both hold a singular identifier. */
function naive(edges: readonly (readonly [number, number])[], singular: ReadonlySet<number>) {
  let groups = Array.from(nodes, (node) => new Set([node]))
  const refused: Edge[] = []
  for (const [a, b] of edges) {
    const left = groups.find((members) => members.has(a)) ?? new Set()
    const right = groups.find((members) => members.has(b)) ?? new Set()
    if (left === right) continue
    const owned = (members: ReadonlySet<number>) => [...members].some((member) => singular.has(member))
    if (owned(left) && owned(right)) {
      refused.push({ a, b })
      continue
    }
    groups = [...groups.filter((members) => members !== left && members !== right), left.union(right)]
  }
  return { groups, refused }
}

test('groups are those of the rule read word by word', () => {
  fc.assert(
    fc.property(graph, ({ edges, singular }) => {
      const owners = new Set(singular)
      const found = group({ nodes, edges: Uint32Array.from(edges.flat()), singular: owners })
      const expected = naive(edges, owners)
      expect(found.refused).toEqual(expected.refused)
      for (const members of expected.groups) {
        const smallest = Math.min(...members)
        for (const member of members) expect(found.groups[member - 1]).toBe(smallest)
      }
    }),
  )
})

test('ids are stable: each group has one of its own, an unchanged group keeps it, a merge takes the earliest', () => {
  fc.assert(
    fc.property(graph, graph, (first, more) => {
      const history = new Map<number, number>()
      let last = new Map<number, number>()
      let previous: Uint32Array | undefined
      for (const edges of [first.edges, [...first.edges, ...more.edges], more.edges]) {
        const { groups } = group({ nodes, edges: Uint32Array.from(edges.flat()), singular: new Set() })
        const nextId = Math.max(0, ...history.values(), ...last.values()) + 1
        const { profiles, assigned } = assignProfiles({ nodes, groups, history, rank: () => 0, nextId })
        for (const { identifier, profileId } of assigned) history.set(identifier, profileId)
        expect(new Set(profiles.values()).size).toBe(new Set(groups).size)
        if (previous) {
          for (const root of new Set(groups)) {
            const members = [...nodes].filter((_, place) => groups[place] === root)
            const before = new Set(members.map((member) => previous?.[member - 1]))
            const whole =
              before.size === 1 &&
              members.length === [...nodes].filter((_, place) => before.has(previous?.[place])).length
            if (whole) expect(profiles.get(root)).toBe(last.get([...before][0] ?? 0))
          }
        }
        last = new Map(profiles)
        previous = groups
      }
    }),
  )
})

test('on a split the part with the strongest identifier keeps the id', () => {
  const history = new Map([
    [1, 7],
    [2, 7],
    [3, 7],
  ])
  const { profiles } = assignProfiles({
    nodes: Uint32Array.of(1, 2, 3),
    groups: Uint32Array.of(1, 2, 2),
    history,
    rank: (identifier) => (identifier === 3 ? 0 : 1),
    nextId: 8,
  })
  expect(profiles.get(2)).toBe(7)
  expect(profiles.get(1)).toBe(8)
})
