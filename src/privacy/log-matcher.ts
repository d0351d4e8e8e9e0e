import { isAscii } from 'node:buffer'
import type { Identifier } from '../event/index.ts'
import { isErased } from '../pipeline/index.ts'
import { matcherOf, needlesOf } from './subject.ts'

export interface LogMatcher {
  readonly isGone: (payload: Buffer, sequence: number) => boolean
  /** Lines of imports were all brought in before. */
  readonly isLineGone: (payload: Buffer) => boolean
  /** Records of others in which a text of the person stands, as far as they were asked about. */
  readonly mentions: () => number
}

/** Tells which records are the person's: all up to the sequence `through`, and later ones of before `until`. */
export function logMatcher(
  identifiers: readonly Identifier[],
  { through, until }: { readonly through: number; readonly until: Date },
): LogMatcher {
  const all = matcherOf(identifiers)
  const earlier = matcherOf(identifiers, until)
  const texts = identifiers.map(({ value }) => escaped(value))
  const needles = needlesOf(identifiers).map(escaped)
  let mentions = 0
  const names = (payload: Buffer, matcher: typeof all, live: boolean): boolean => {
    const text = plainText(payload)
    // Most records are others': they are not parsed.
    if (text !== undefined && !texts.some((value) => text.includes(value))) return false
    if (isErased(payload, matcher, { live })) return true
    const whole = text ?? payload.toString('utf8').toLowerCase()
    if (needles.some((needle) => whole.includes(needle))) mentions += 1
    return false
  }
  return {
    isGone: (payload, sequence) => names(payload, sequence <= through ? all : earlier, true),
    isLineGone: (payload) => names(payload, all, false),
    mentions: () => mentions,
  }
}

/** Where every character is what it says: then a value that does not stand in it is not named by it. */
function plainText(payload: Buffer): string | undefined {
  if (!isAscii(payload) || payload.includes('\\u')) return undefined
  return payload.toString('latin1').toLowerCase()
}

/** As it stands in JSON, in lower case. */
const escaped = (value: string): string => JSON.stringify(value).slice(1, -1).toLowerCase()
