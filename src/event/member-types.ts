import type { Refused } from './accept.ts'
import type { JsonObject } from './event.ts'

/** Members that identify, and the name of the event: as text, or as a number that means it. */
const TEXTS = ['userId', 'anonymousId', 'previousId', 'groupId', 'event'] as const

/** Members that hold members of their own. */
const OBJECTS = ['context', 'properties', 'traits', 'integrations', 'userProperties'] as const

/** The first member of a wrong type. null counts as absent, and an empty list as an empty object: PHP's SDKs write it so. */
export function wrongMember(event: JsonObject): Refused | undefined {
  for (const field of TEXTS) {
    const value = event[field]
    if (value == null || typeof value === 'string') continue
    if (typeof value === 'number') {
      // Two people would become one.
      if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) continue
      return { reason: `${field} is a number beyond 2^53, which loses digits: send it as a string`, field }
    }
    return { reason: `${field} must be a string or a number, not ${kindOf(value)}`, field }
  }
  for (const field of OBJECTS) {
    const value = event[field]
    if (value == null || (typeof value === 'object' && !(Array.isArray(value) && value.length > 0))) continue
    return { reason: `${field} must be an object, not ${kindOf(value)}`, field }
  }
  return undefined
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
