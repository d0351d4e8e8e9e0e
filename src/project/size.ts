/** Decimal and binary units as DuckDB reads them: 1 GB is 10⁹ bytes, 1 GiB is 2³⁰. */
const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** Bytes of a size such as `500MB`, `20GB`, `1.5 GiB`; undefined when it is none, or nothing large. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]i?b|b)$/i.exec(text) ?? []
  const factor = BYTES[unit.toLowerCase()]
  if (amount === undefined || factor === undefined) return undefined
  const bytes = Math.round(Number(amount) * factor)
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined
}
