/** Whether a JSON value nests objects and arrays more than `levels` deep; it stops looking there. */
export function nestsDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (nestsDeeperThan(levels - 1, member)) return true
  }
  return false
}
