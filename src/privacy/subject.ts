/**
 * Privacy: deleting a person, and deleting what is older than a source keeps.
 *
 * subject     the person to be deleted: all identifiers that identity knows as one with those given
 * receipt     what a deletion did, table by table, without naming the subject
 * tombstone   the salted hash of an identifier, by which earlier events never land again
 * mention     the subject's e-mail address in what belongs to somebody else
 * retention   how long a source keeps events and archive
 */
import { type Identifier, normalIdentifier, Tombstones, tombstoneHash } from '../event/index.ts'
import { findPerson, type Identity, type Person } from '../identity/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** Later than anything an event says. */
const ALWAYS = new Date('9999-12-31T23:59:59.999Z')
/** Needs no secret: these hashes never leave the process. */
const SALT = ''

/** Finds all that is one with the identifiers given, by what has landed up to this load. */
export async function findSubject(
  warehouse: Warehouse,
  identity: Identity,
  given: readonly Identifier[],
  { load, asOf }: { readonly load: number; readonly asOf: Date },
): Promise<Person> {
  await identity.collect({ load, asOf })
  return warehouse.session((session) => findPerson(session, identity, given.map(normalIdentifier), asOf))
}

/** Tells the events that are the subject's: those of before `until`, or all. */
export function matcherOf(identifiers: readonly Identifier[], until: Date = ALWAYS): Tombstones {
  return new Tombstones(
    SALT,
    identifiers.map((identifier) => ({
      hash: tombstoneHash(SALT, identifier),
      type: identifier.type,
      erasedAt: until,
    })),
  )
}

/** Texts by which the subject may be found in anything: addresses, and ids too long to be something else by chance. */
export function needlesOf(identifiers: readonly Identifier[]): readonly string[] {
  return identifiers.map(({ value }) => value).filter((value) => value.includes('@') || value.length >= 12)
}
