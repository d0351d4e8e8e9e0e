import { expect, test } from 'vitest'
import { assignProfiles } from './assign.ts'
import { componentsOf, groupWithin } from './grouping.ts'

const NO_RULES = { limits: [Infinity, Infinity], sharedAbove: [Infinity, Infinity] }
const none = { ignored: [], apart: [] }

test('chains, rings, stars and an edge to itself are components by their first place', () => {
  const pairs = [
    [4, 3],
    [3, 2],
    [2, 4],
    [6, 6],
    [9, 7],
    [7, 8],
    [9, 8],
  ] as const
  const a = Int32Array.from(pairs, ([one]) => one)
  const b = Int32Array.from(pairs, ([, other]) => other)
  const { roots } = componentsOf({ types: new Uint8Array(10), a, b, inside: 10, ...none }, NO_RULES)
  expect([...roots]).toEqual([0, 1, 2, 2, 2, 5, 6, 7, 7, 7])
})

test('a chain of a million is one component, and its depth breaks nothing', () => {
  const n = 1_000_000
  const a = Int32Array.from({ length: n - 1 }, (_, place) => place + 1)
  const b = Int32Array.from({ length: n - 1 }, (_, place) => place)
  const { roots } = componentsOf(
    { types: new Uint8Array(n), a: a.reverse(), b: b.reverse(), inside: n, ...none },
    NO_RULES,
  )
  expect(roots.every((root) => root === 0)).toBe(true)
})

test('the same neighbour counts once, and only those of a type that are worth too many profiles make a value shared', () => {
  const rules = { limits: [1, 5], sharedAbove: [10, 2] }
  // Place 0 is of type 1; its neighbours are of type 0, tied twice each.
  const graph = (neighbours: number) => ({
    types: Uint8Array.from({ length: neighbours + 1 }, (_, place) => (place === 0 ? 1 : 0)),
    a: Int32Array.from({ length: neighbours * 2 }, (_, edge) => (edge % neighbours) + 1),
    b: new Int32Array(neighbours * 2),
    inside: neighbours + 1,
    ...none,
  })
  expect(componentsOf(graph(2), rules).shared).toEqual([])
  expect(componentsOf(graph(3), rules).shared).toEqual([{ place: 0, type: 0, ties: 3 }])
})

test('an edge is refused where a limit or a decision stands between, and those after it are still followed', () => {
  // user, user, email, device
  const types = Uint8Array.of(0, 0, 1, 1)
  const rules = { limits: [1, 5], sharedAbove: [10, 10] }
  const a = Int32Array.of(0, 1, 1)
  const b = Int32Array.of(2, 2, 3)
  expect(groupWithin({ types, a, b, apart: [] }, rules)).toEqual({
    roots: Int32Array.of(0, 1, 0, 1),
    refused: [{ a: 1, b: 2, type: 0 }],
  })
  expect(groupWithin({ types: Uint8Array.of(0, 1, 1, 1), a, b, apart: [[0, 3]] }, rules)).toEqual({
    roots: Int32Array.of(0, 0, 0, 3),
    refused: [{ a: 1, b: 3, type: undefined }],
  })
})

const assigned = (groups: number[], types: number[], claims: readonly (readonly [place: number, id: number])[]) => {
  const { profiles, places } = assignProfiles({
    groups: Int32Array.from(groups),
    types: Uint8Array.from(types),
    claimants: Int32Array.from(claims, ([place]) => place),
    claimed: Int32Array.from(claims, ([, id]) => id),
    nextId: 100,
  })
  return { profiles: [...profiles], places: [...places] }
}

test('a merge takes the earliest id and stores nothing of those that had one', () => {
  expect(
    assigned(
      [0, 0, 0],
      [0, 0, 0],
      [
        [1, 7],
        [2, 3],
      ],
    ),
  ).toEqual({ profiles: [3, 3, 3], places: [0] })
})

test('on a split the part with the strongest identifier keeps the id; the other is remembered under its own', () => {
  const claims = [
    [0, 7],
    [1, 7],
    [2, 7],
  ] as const
  expect(assigned([0, 0, 2], [1, 1, 0], claims)).toEqual({ profiles: [100, 100, 7], places: [0, 1] })
  const after = [...claims, [0, 100], [1, 100]] as const
  expect(assigned([0, 0, 2], [1, 1, 0], after)).toEqual({ profiles: [100, 100, 7], places: [] })
})

test('a group that lost one id takes the next it ever had', () => {
  const claims = [
    [0, 7],
    [1, 7],
    [1, 9],
  ] as const
  expect(assigned([0, 1], [0, 1], claims)).toEqual({ profiles: [7, 9], places: [] })
})
