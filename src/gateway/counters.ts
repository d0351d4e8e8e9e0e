/** What the gateway has done since it started. */
export interface Counters {
  requests: number
  /** Accepted and durable. */
  events: number
  /** Refused events and requests. */
  rejected: number
  /** Of bodies, unpacked. */
  bytes: number
}

export function newCounters(): Counters {
  return { requests: 0, events: 0, rejected: 0, bytes: 0 }
}
