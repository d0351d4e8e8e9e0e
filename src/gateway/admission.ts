import { MusterError } from '../core/errors.ts'
import type { Source } from './sources.ts'

/** What a request says of the page it comes from. */
export interface Sender {
  readonly origin: string | undefined
  readonly referer: string | undefined
}

/** A refusal after which the client should come again. */
export class TurnedAway extends MusterError {
  readonly retryAfterSeconds: number

  constructor(code: 'rate_limited' | 'collector_busy', message: string, retryAfterSeconds: number) {
    super(code, message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Whether a source takes requests of this page at all.
 * @throws MusterError `source_disabled`, `origin_refused`
 */
export function admit({ name, enabled, origins }: Source, { origin, referer }: Sender): void {
  if (!enabled) throw new MusterError('source_disabled', `source is disabled: "${name}" takes no events`)
  if (origins === undefined) return
  const from = origin ?? originOf(referer)
  if (from !== undefined && origins.includes(from)) return
  const who = from === undefined ? 'a request that names no page' : `pages of ${from.slice(0, 200)}`
  throw new MusterError('origin_refused', `source "${name}" takes nothing from ${who}`)
}

/** @throws TurnedAway `rate_limited` */
export function limitRate({ name, limiter }: Source, events: number, now: number): void {
  const wait = limiter?.take(events, now) ?? 0
  if (wait === 0) return
  throw new TurnedAway('rate_limited', `max requests limit reached for source "${name}"`, Math.ceil(wait / 1000))
}

function originOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined
}
