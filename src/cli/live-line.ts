import colors from 'picocolors'
import { formatNumber } from './print.ts'

/** An event as `muster tail` asks for it. */
export interface LiveRow {
  readonly position: number
  readonly receivedAt: string
  readonly source: string | null
  readonly fate: 'ACCEPTED' | 'REJECTED'
  readonly reason: string | null
  readonly type: string | null
  readonly event: string | null
  readonly userId: string | null
  readonly anonymousId: string | null
  readonly skipped: number
}

/** Controls would command the terminal, and direction marks would reorder the line: events come from strangers. */
const UNPRINTABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu
const LONGEST = 200

/** An event as one line: time, source, fate, type, name, user, reason; before it, how many were left out. */
export function formatLiveEvent(row: LiveRow): string {
  const { receivedAt, source, fate, reason, type, event, userId, anonymousId, skipped } = row
  const accepted = fate === 'ACCEPTED'
  const parts = [
    colors.dim(receivedAt),
    shown(source).padEnd(8),
    accepted ? colors.green('accepted') : colors.red('rejected'),
    shown(type).padEnd(8),
    colors.bold(shown(event).padEnd(24)),
    shown(userId ?? anonymousId),
    ...(accepted ? [] : [colors.red(shown(reason))]),
  ]
  const line = parts.join('  ')
  return skipped === 0 ? line : `${colors.yellow(`… ${formatNumber(skipped)} more`)}\n${line}`
}

function shown(value: string | null): string {
  if (value === null) return '–'
  const safe = value.replace(UNPRINTABLE, escaped)
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
