import { SHARES } from './dirt.ts'
import { FIRST_NAMES, LAST_NAMES } from './names.ts'
import type { User } from './people.ts'
import type { PhoneBook, PhoneNumber } from './phones.ts'
import { pick, type Random, shuffled } from './random.ts'
import { EVER } from './said.ts'
import { byWorkspace } from './workspaces.ts'

/** Lives with a user, has no login, and is known to sales by the mailbox of both. */
export interface Relative {
  readonly of: User
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly number: PhoneNumber | undefined
}

export interface Households {
  readonly users: readonly User[]
  readonly relatives: readonly Relative[]
}

/** Some of the smallest workspaces are households: all in it use one mailbox, also who has no login. */
export function withHouseholds(random: Random, users: readonly User[], book: PhoneBook): Households {
  const changed = new Map<number, User>()
  const relatives: Relative[] = []
  for (const members of shuffled(random, byWorkspace(users))) {
    if (changed.size + relatives.length >= SHARES.household * users.length) break
    const [first] = members
    if (first === undefined || members.length > 3) continue
    const [lastName, local] = pick(random, LAST_NAMES)
    const email = `family.${local}${first.workspace.index + 1}@post.example`
    for (const user of members) {
      changed.set(user.index, {
        ...user,
        lastName,
        email,
        inCrm: { value: email, dirt: 'family' },
        emails: [{ value: email, from: EVER, dirt: 'family' }],
      })
    }
    if (members.length > 1) continue
    const [firstName] = pick(random, FIRST_NAMES)
    const number = book.free(random, first.workspace.country)
    relatives.push({ of: first, firstName, lastName, email, number })
  }
  return { users: users.map((user) => changed.get(user.index) ?? user), relatives }
}
