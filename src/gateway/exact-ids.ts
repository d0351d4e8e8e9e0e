import type { JsonObject } from '../event/index.ts'
import { isJsonObject } from '../event/index.ts'

const IDS = ['userId', 'anonymousId', 'previousId', 'groupId'] as const

const NAMES: ReadonlySet<string> = new Set(IDS)

/** Whether an event of the body has an id that a double does not hold exactly: two people could become one. */
export function hasInexactIds(body: JsonObject): boolean {
  if (Array.isArray(body.batch)) return body.batch.some((event) => isJsonObject(event) && isInexact(event))
  return isInexact(body)
}

/** The JSON of `text`, its long numeric ids as the digits that were sent. */
export function withExactIds(text: string): unknown {
  return JSON.parse(text, (name, value: unknown, context?: { readonly source?: string }) =>
    NAMES.has(name) && isLarge(value) ? (context?.source ?? value) : value,
  )
}

function isInexact(event: JsonObject): boolean {
  return IDS.some((name) => isLarge(event[name]))
}

function isLarge(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
}
