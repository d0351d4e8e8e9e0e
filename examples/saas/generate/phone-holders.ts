import { SHARES } from './dirt.ts'
import type { User } from './people.ts'
import { DAY, type Period } from './period.ts'
import { givenToApp, type PhoneBook, type PhoneNumber, writtenDown } from './phones.ts'
import { between, chance, type Random, shuffled } from './random.ts'
import { EVER, type Noted, type Said } from './said.ts'

/** How long a number rests before somebody else gets it, in days. */
const REST = [60, 150] as const

/** Gives most users a number, and some users one that was another's until months before they joined. */
export function withPhones(random: Random, period: Period, users: readonly User[], book: PhoneBook): readonly User[] {
  const holders = users.map((user) => {
    const number = chance(random, SHARES.phone) ? book.free(random, user.workspace.country) : undefined
    if (number === undefined) return user
    return { ...user, number, phones: inApp(random, number) }
  })
  const changed = recycle(random, period, holders, book)
  return holders.map((user) => changed.get(user.index) ?? user)
}

function inApp(random: Random, number: PhoneNumber): readonly Said[] {
  return chance(random, SHARES.phoneInApp) ? [{ ...givenToApp(random, number), from: EVER }] : []
}

function recycle(random: Random, period: Period, users: readonly User[], book: PhoneBook): ReadonlyMap<number, User> {
  const changed = new Map<number, User>()
  const givers = shuffled(
    random,
    users.filter(({ phones }) => phones.length > 0),
  )
  const takers = givers.filter(({ joinedAt }) => joinedAt >= period.start)
  for (const taker of takers) {
    if (changed.size >= SHARES.recycledPhone * users.length) break
    if (changed.has(taker.index)) continue
    const lost = taker.joinedAt - between(random, ...REST) * DAY
    const giver = givers.find(
      ({ index, joinedAt, workspace }) =>
        joinedAt < lost - 30 * DAY && workspace.country === taker.workspace.country && !changed.has(index),
    )
    if (giver?.number === undefined) continue
    changed.set(giver.index, afterLoss(random, giver, lost, book))
    const phones = [recycled({ ...givenToApp(random, giver.number), from: EVER })]
    changed.set(taker.index, { ...taker, number: giver.number, phones, numberRecycled: true })
  }
  return changed
}

const recycled = (said: Said): Said => ({ ...said, dirt: 'recycled' })

/** They have a new number since, and may have told the app. */
function afterLoss(random: Random, giver: User, lost: number, book: PhoneBook): User {
  const phones = giver.phones.map(recycled)
  const next = book.free(random, giver.workspace.country)
  const told = next !== undefined && !chance(random, SHARES.staleInApp)
  return {
    ...giver,
    numberRecycled: true,
    phones: told ? [...phones, { ...givenToApp(random, next), from: lost }] : phones,
  }
}

/** A user's number as somebody at the company wrote it down. */
export function numberWrittenDown(random: Random, { number, numberRecycled }: User): Noted | undefined {
  const noted = writtenDown(random, number)
  return noted && numberRecycled ? { ...noted, dirt: 'recycled' } : noted
}
