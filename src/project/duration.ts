const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a duration such as `30s`, `15m`, `2h`, `7d`; undefined when it is none, or nothing long. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (amount === undefined || !isUnit(unit)) return undefined
  const duration = Number(amount) * MILLISECONDS[unit]
  return duration > 0 && Number.isSafeInteger(duration) ? duration : undefined
}

function isUnit(text: string | undefined): text is keyof typeof MILLISECONDS {
  return text !== undefined && text in MILLISECONDS
}
