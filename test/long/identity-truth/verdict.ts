/**
 * Pairwise precision and recall of a grouping.
 *
 * A pair is two identifiers of Muster's; it is true where the two have an owner in common. A mailbox of a household, a
 * shared machine and a number that passed on have several owners, so true pairs are no partition.
 *
 * precision  of the pairs in one profile, those that are true
 * recall     each shared identifier is held to one of its owners: the one it is grouped with most, of those with the most
 *            identifiers. That makes the truth a partition; recall is the share of its pairs that are in one profile.
 *            A shared identifier that is kept apart from all its owners is missed with all pairs of that one owner.

 * Two more figures, for comparison: recall over the pairs of identifiers that have one owner each, and recall over every
 * true pair, though no grouping that keeps two owners apart can have them all.
 */
import { missedBecause, wrongBecause } from './causes.ts'
import type { Grouped } from './grouped.ts'

export interface Verdict {
  readonly identifiers: number
  readonly profiles: number
  /** Identifiers of the largest profile. */
  readonly largest: number
  readonly precision: number
  readonly recall: number
  readonly recallOfSole: number
  readonly recallOfAll: number
  /** Pairs in one profile, and pairs of the truth as a partition. */
  readonly grouped: number
  readonly held: number
  /** How many pairs by cause. */
  readonly wrong: ReadonlyMap<string, number>
  readonly missed: ReadonlyMap<string, number>
}

type People = ReadonlyMap<string, readonly Grouped[]>

export function judge(identifiers: readonly Grouped[]): Verdict {
  const profiles = [...Map.groupBy(identifiers.filter(isGrouped), ({ profile }) => profile).values()]
  const wrong = new Map<string, number>()
  for (const members of profiles) {
    for (const [one, other] of pairs(members)) {
      if (!areOfOne(one, other)) count(wrong, wrongBecause(one, other, members))
    }
  }
  const people = byPerson(identifiers, ({ owners }) => owners)
  const related = byPerson(identifiers, ({ owners, borrowers }) => owners.union(borrowers))
  const held = heldTo(identifiers, people)
  const missed = new Map<string, number>()
  for (const [person, own] of held) {
    for (const [one, other] of pairs(own)) {
      if (!areTogether(one, other)) count(missed, missedBecause(one, other, related.get(person) ?? []))
    }
  }
  const grouped = sum(profiles.map(pairsOf))
  const heldPairs = sum([...held.values()].map(pairsOf))
  return {
    identifiers: identifiers.length,
    profiles: profiles.length,
    largest: Math.max(...profiles.map(({ length }) => length)),
    precision: 1 - total(wrong) / grouped,
    recall: 1 - total(missed) / heldPairs,
    recallOfSole: recallOver(people, (one, other) => isSole(one) && isSole(other)),
    recallOfAll: recallOver(people, () => true),
    grouped,
    held: heldPairs,
    wrong,
    missed,
  }
}

const isGrouped = ({ profile }: Grouped): boolean => profile !== undefined

const isSole = ({ owners }: Grouped): boolean => owners.size === 1

const areOfOne = (one: Grouped, other: Grouped): boolean => !one.owners.isDisjointFrom(other.owners)

const areTogether = (one: Grouped, other: Grouped): boolean => isGrouped(one) && one.profile === other.profile

/** What each person has to do with; an identifier may be several people's. */
function byPerson(identifiers: readonly Grouped[], persons: (identifier: Grouped) => ReadonlySet<string>): People {
  const people = new Map<string, Grouped[]>()
  for (const identifier of identifiers) {
    for (const person of persons(identifier)) {
      const own = people.get(person)
      if (own) own.push(identifier)
      else people.set(person, [identifier])
    }
  }
  return people
}

/** The truth as a partition: each shared identifier is with one owner. */
function heldTo(identifiers: readonly Grouped[], people: People): People {
  const held = new Map([...people].map(([person, own]) => [person, own.filter(isSole)]))
  const sole = new Map(held)
  for (const shared of identifiers.filter((identifier) => !isSole(identifier))) {
    const ranked = [...shared.owners].map((person) => {
      const own = sole.get(person) ?? []
      return { person, found: own.filter((one) => areTogether(one, shared)).length, all: own.length }
    })
    const [best] = ranked.sort((a, b) => b.found - a.found || b.all - a.all || (a.person < b.person ? -1 : 1))
    if (best) held.set(best.person, [...(held.get(best.person) ?? []), shared])
  }
  return held
}

function recallOver(people: People, isMeant: (one: Grouped, other: Grouped) => boolean): number {
  let [all, found] = [0, 0]
  for (const [person, own] of people) {
    for (const [one, other] of pairs(own)) {
      // A pair that two people share is counted with the first of them.
      const [first] = [...one.owners.intersection(other.owners)].sort()
      if (first !== person || !isMeant(one, other)) continue
      all++
      if (areTogether(one, other)) found++
    }
  }
  return found / all
}

function* pairs<T>(items: readonly T[]): Iterable<readonly [T, T]> {
  for (const [place, one] of items.entries()) {
    for (const other of items.slice(place + 1)) yield [one, other]
  }
}

const pairsOf = ({ length }: readonly unknown[]): number => (length * (length - 1)) / 2

const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0)

const total = (counts: ReadonlyMap<string, number>): number => sum([...counts.values()])

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
