/** Something that may be left out, and how many were left out just before it. */
export interface Countable {
  readonly skipped: number
}

/**
 * At most `most` (≥ 1) of the items, evenly spread, the last among them. What is left out is counted in `skipped` of the
 * next one kept.
 */
export function thin<T extends Countable>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items
  const kept: T[] = []
  let taken = 0
  let skipped = 0
  for (const [index, item] of items.entries()) {
    skipped += item.skipped
    const due = Math.floor(((index + 1) * most) / items.length)
    if (due > taken) {
      kept.push({ ...item, skipped })
      taken = due
      skipped = 0
    } else {
      skipped += 1
    }
  }
  return kept
}
