import type { ErrorCode } from '../core/errors.ts'

/** What the gateway has done since it started. */
export interface Counters {
  requests: number
  /** Accepted and durable. */
  events: number
  /** Refused events and requests, kept with their reason. */
  rejected: number
  /** Events of suppressed people: acknowledged and not stored. */
  suppressed: number
  /** Of records written. */
  bytes: number
  /** Requests answered with a failure and not kept, by its code. */
  readonly turnedAway: Partial<Record<ErrorCode, number>>
}

export function newCounters(): Counters {
  return { requests: 0, events: 0, rejected: 0, suppressed: 0, bytes: 0, turnedAway: {} }
}
