import { SHARES } from './dirt.ts'
import { companyName, FIRST_NAMES, LAST_NAMES } from './names.ts'
import type { PhoneBook, PhoneNumber } from './phones.ts'
import { chance, integer, pick, type Random } from './random.ts'
import type { Workspace } from './workspaces.ts'

/** A company that sales talks to and that never signed in. */
export interface Prospect {
  /** Goes on from the workspaces' numbers. */
  readonly index: number
  readonly name: string
  readonly domain: string
  readonly employees: number
  readonly contacts: readonly ProspectContact[]
}

export interface ProspectContact {
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly number: PhoneNumber | undefined
}

/** Pays for a workspace and has no login. */
export interface Bookkeeper {
  readonly email: string
  readonly number: PhoneNumber | undefined
}

export function generateProspects(random: Random, workspaces: number, book: PhoneBook): readonly Prospect[] {
  return Array.from({ length: Math.ceil(workspaces * SHARES.prospects) }, (_, place) => {
    const index = workspaces + place
    const { name, domain } = companyName(index)
    const country = pick(random, ['US', 'GB', 'DE', 'FR', 'AU'])
    const contacts = Array.from({ length: integer(random, 1, 3) }, (_, seat) => {
      const [firstName, localFirst] = pick(random, FIRST_NAMES)
      const [lastName, localLast] = pick(random, LAST_NAMES)
      const email = `${localFirst}.${localLast}.${seat + 1}@${domain}`
      return { firstName, lastName, email, number: numberOf(random, country, book) }
    })
    return { index, name, domain, employees: integer(random, 5, 900), contacts }
  })
}

/** By the number of the workspace they pay for, if it pays at all. */
export function generateBookkeepers(
  random: Random,
  workspaces: readonly Workspace[],
  book: PhoneBook,
): ReadonlyMap<number, Bookkeeper> {
  const hired = workspaces.filter(() => chance(random, SHARES.bookkeepers))
  return new Map(
    hired.map(({ index, domain, country }) => {
      const [, local] = pick(random, LAST_NAMES)
      return [index, { email: `${local}.billing@${domain}`, number: numberOf(random, country, book) }]
    }),
  )
}

function numberOf(random: Random, country: string, book: PhoneBook): PhoneNumber | undefined {
  return chance(random, SHARES.phone) ? book.free(random, country) : undefined
}
