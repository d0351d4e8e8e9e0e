import type { Dirt } from '../../../examples/saas/generate/index.ts'
import type { Grouped } from './grouped.ts'

const TITLES: Readonly<Record<Dirt, string>> = {
  mistyped: 'mistyped address',
  borrowed: 'address of another',
  former: 'changed address',
  family: 'mailbox of a household',
  machine: 'shared machine',
  recycled: 'recycled phone',
  no_country: 'foreign phone without its country',
}

/** What ties several people comes before what one alone did. */
const ORDER: readonly Dirt[] = ['machine', 'family', 'recycled', 'borrowed', 'no_country', 'mistyped', 'former']

const OTHER = 'no dirt of the generator'

/** Why two identifiers of a person are apart: what is wrong with either, else with any other of that person's. */
export function missedBecause(one: Grouped, other: Grouped, person: readonly Grouped[]): string {
  return titleOf([one, other]) ?? titleOf(person) ?? OTHER
}

/** Why two identifiers of different people are together: a value of both, else what is wrong with either, else with any other in the profile. */
export function wrongBecause(one: Grouped, other: Grouped, profile: readonly Grouped[]): string {
  const between = profile.filter((identifier) => isFor(identifier, one) && isFor(identifier, other))
  return titleOf(between) ?? titleOf([one, other]) ?? titleOf(profile) ?? OTHER
}

/** Whether a value has to do with the people of another. */
function isFor({ owners, borrowers }: Grouped, other: Grouped): boolean {
  const people = owners.union(borrowers)
  return !people.isDisjointFrom(other.owners) || !people.isDisjointFrom(other.borrowers)
}

function titleOf(identifiers: readonly Grouped[]): string | undefined {
  const dirt = ORDER.find((kind) => identifiers.some((identifier) => identifier.dirt.has(kind)))
  return dirt && TITLES[dirt]
}
