/** Why a JSON value cannot be handed on: it nests too deeply, or holds a number that JSON cannot say. */
export type Unwritable = 'deep' | 'infinite'

/**
 * Whether a JSON value nests objects and arrays more than `levels` deep, for that overflows the stack of whatever walks it, or
 * holds what was a number beyond 1.8e308, which is read as Infinity and written as null. It stops looking there.
 */
export function unwritable(levels: number, value: unknown): Unwritable | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'infinite'
  if (typeof value !== 'object' || value === null) return undefined
  if (levels === 0) return 'deep'
  if (Array.isArray(value)) {
    for (const element of value) {
      const found = unwritable(levels - 1, element)
      if (found !== undefined) return found
    }
    return undefined
  }
  // Parsed JSON has own members only, and listing them would make garbage for each event.
  for (const key in value) {
    const member: unknown = value[key as keyof typeof value]
    if (typeof member === 'string') continue
    const found = unwritable(levels - 1, member)
    if (found !== undefined) return found
  }
  return undefined
}
