/** Characters nobody sees: controls, zero-width and direction marks, halves of surrogate pairs. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}]/gu

const PLAIN = /^[\x21-\x7e]+$/

/** The text of an identifier: trimmed, without invisible characters; undefined where nothing is left or it is no string or number. */
export function identifierText(value: unknown): string | undefined {
  // JSON.parse reads 1e400 as Infinity, which no JSON can hold.
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (typeof value !== 'string') return undefined
  if (PLAIN.test(value)) return value
  return value.replace(INVISIBLE, '').trim() || undefined
}
