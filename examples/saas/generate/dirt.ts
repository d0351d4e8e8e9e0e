import { integer, type Random, weighted } from './random.ts'

/** How dirty the company's data are: each a share of its users, but where it says otherwise. */
export const SHARES = {
  /** Their address was mistyped when they signed up … */
  mistypedAtSignUp: 0.03,
  /** … and this share of them mended it within weeks. */
  mistypedThenMended: 0.6,
  /** They gave the app a colleague's address by mistake, and mended it within days. */
  borrowedAddress: 0.02,
  /** Of CRM contacts: sales mistyped the address, or wrote down a colleague's. */
  mistypedInCrm: 0.02,
  borrowedInCrm: 0.01,
  /** They have another address from some day of the period on. */
  changedAddress: 0.07,
  /** They live in a household that has one mailbox. */
  household: 0.05,
  /** They sign in at a machine that others use too. */
  sharedMachine: 0.06,
  /** They hold a number that was somebody else's before, or had one that is now. */
  recycledPhone: 0.06,
  /** Of those whose number passed on: they never told the app. */
  staleInApp: 0.5,
  phone: 0.75,
  /** Of those with a phone: the app knows it. */
  phoneInApp: 0.7,
  /** Of CRM contacts and billing customers whose person has a phone: it is written down there. */
  phoneInCrm: 0.6,
  phoneInBilling: 0.5,
  /** Of workspaces' number: companies that only sales knows. */
  prospects: 0.15,
  /** Of paying workspaces: somebody without a login pays. */
  bookkeepers: 0.25,
} as const

/**
 * mistyped    an address that nobody has
 * borrowed    an address given by mistake: it is another's
 * former      an address that its owner gave up since
 * family      a mailbox of a household
 * machine     a device of several people
 * recycled    a phone number that passed from one person to another
 * no_country  a foreign phone number, written as in its own country
 */
export type Dirt = 'mistyped' | 'borrowed' | 'former' | 'family' | 'machine' | 'recycled' | 'no_country'

/** An e-mail address as somebody typed it into another system. */
export function typed(random: Random, email: string): string {
  const [local = '', domain = ''] = email.split('@')
  return weighted(random, [
    [email, 70],
    [`${capitalised(local)}@${domain}`, 12],
    [email.toUpperCase(), 6],
    [` ${email}`, 4],
    [`${email}  `, 4],
    [`${local}@${capitalised(domain)}\t`, 4],
  ])
}

function capitalised(text: string): string {
  return text.replace(/(^|[.-])([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
}

/** An address with one slip of the fingers before its ending: a letter left out, doubled, or two in the wrong order. */
export function mistyped(random: Random, email: string): string {
  const end = email.lastIndexOf('.')
  const letters = [...email].flatMap((letter, place) => (place < end && /[a-z]/.test(letter) ? [place] : []))
  const place = letters[integer(random, 0, letters.length - 1)] ?? 0
  const [before, letter = '', after] = [email.slice(0, place), email[place], email.slice(place + 1)]
  const [next = ''] = after
  return weighted(random, [
    [before + after, 4],
    [before + letter + letter + after, 3],
    [/[a-z]/.test(next) && next !== letter ? before + next + letter + after.slice(1) : before + after, 3],
  ])
}
