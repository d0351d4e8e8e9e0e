import type { VendorResponse } from './answer.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 30_000

/** How long to wait before the attempt after `attempt` (from 1): doubling, with jitter so that callers spread. */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1)) * (0.5 + random / 2)
}

/** What Retry-After asks for, in seconds or as a date; nothing where it is absent or unreadable. */
export function retryAfterMs({ headers }: VendorResponse, now: Date): number | undefined {
  const value = headers['retry-after']
  if (value === undefined) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000
  const until = Date.parse(value)
  return Number.isNaN(until) ? undefined : Math.max(0, until - now.getTime())
}
