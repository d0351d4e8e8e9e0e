/** Whether a JSON value nests objects and arrays more than `levels` deep; it stops looking there. */
export function nestsDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  if (Array.isArray(value)) return value.some((element) => nestsDeeperThan(levels - 1, element))
  // Parsed JSON has own members only, and listing them would make garbage for each event.
  for (const key in value) {
    const member: unknown = value[key as keyof typeof value]
    if (typeof member === 'object' && nestsDeeperThan(levels - 1, member)) return true
  }
  return false
}
