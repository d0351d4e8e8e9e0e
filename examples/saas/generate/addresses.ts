import { mistyped, SHARES } from './dirt.ts'
import { LAST_NAMES } from './names.ts'
import type { User } from './people.ts'
import { DAY, type Period } from './period.ts'
import { between, chance, pick, type Random } from './random.ts'
import { EVER, type Noted, type Said } from './said.ts'

interface Mail {
  readonly random: Random
  readonly period: Period
  readonly users: readonly User[]
  /** Addresses that somebody has, or had. */
  readonly taken: Set<string>
}

/** What app and CRM have as the e-mail address of each: mostly theirs. A household's mailbox stays as it is. */
export function withAddresses(random: Random, period: Period, users: readonly User[]): readonly User[] {
  const mail = { random, period, users, taken: new Set(users.map(({ email }) => email)) }
  return users.map((user) => {
    if (user.inCrm.dirt === 'family') return user
    const emails = addressesInApp(mail, user)
    return { ...user, emails, inCrm: addressInCrm(mail, user, emails) }
  })
}

function addressesInApp(mail: Mail, user: User): readonly Said[] {
  const { random, period } = mail
  const from = Math.max(period.start, user.joinedAt)
  const own: Said = { value: user.email, from: EVER }
  const mended = (wrong: Noted, at: number): readonly Said[] => [
    { ...wrong, from: EVER },
    { ...own, from: at },
  ]
  const fate = random()
  const { mistypedAtSignUp, borrowedAddress, changedAddress } = SHARES
  if (fate < mistypedAtSignUp) {
    const wrong = slip(mail, user)
    if (!chance(random, SHARES.mistypedThenMended)) return [{ ...wrong, from: EVER }]
    return mended(wrong, from + between(random, 1, 30) * DAY)
  }
  if (fate < mistypedAtSignUp + borrowedAddress) {
    return mended(colleagues(mail, user), from + between(random, 1, 10) * DAY)
  }
  if (fate < mistypedAtSignUp + borrowedAddress + changedAddress) {
    return [
      { ...own, dirt: 'former' },
      { value: renamed(mail, user), from: between(random, period.start, period.end) },
    ]
  }
  return [own]
}

/** Sales wrote it down once. */
function addressInCrm(mail: Mail, user: User, emails: readonly Said[]): Noted {
  const fate = mail.random()
  if (fate < SHARES.mistypedInCrm) return slip(mail, user)
  if (fate < SHARES.mistypedInCrm + SHARES.borrowedInCrm) return colleagues(mail, user)
  const former = emails.find(({ dirt }) => dirt === 'former')
  if (former === undefined) return { value: user.email }
  return chance(mail.random, 0.7) ? former : (emails.at(-1) ?? former)
}

function slip({ random, taken }: Mail, { email }: User): Noted {
  for (;;) {
    const value = mistyped(random, email)
    if (!taken.has(value) && value !== email) return { value, dirt: 'mistyped' }
  }
}

/** Of somebody at the same workspace, else of the next user. */
function colleagues({ users }: Mail, user: User): Noted {
  const next = users[user.index + 1]
  const before = users[user.index - 1]
  const other = next?.workspace !== user.workspace && before?.workspace === user.workspace ? before : (next ?? before)
  return other === undefined ? { value: user.email } : { value: other.email, dirt: 'borrowed' }
}

/** The address after a change of name. */
function renamed({ random, taken }: Mail, { email }: User): string {
  const [local = '', domain = ''] = email.split('@')
  const [, lastName] = pick(random, LAST_NAMES)
  for (let number = 1; ; number++) {
    const value = `${local.split('.')[0]}.${lastName}${number === 1 ? '' : number}@${domain}`
    if (taken.has(value)) continue
    taken.add(value)
    return value
  }
}
