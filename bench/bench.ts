/** One measurement against its target. */
export interface Check {
  readonly name: string
  readonly value: number
  /** As people read it: `>= 100000 events/s`. */
  readonly target: string
  readonly ok: boolean
}

export interface Outcome {
  /** What was measured, with the physical limit or peer of the same run; names carry the unit. */
  readonly figures: Readonly<Record<string, number | string>>
  readonly checks: readonly Check[]
}

/** A file of bench/ exports one of these as `bench`; `scale` 1 is the full size. */
export interface Bench {
  readonly name: string
  readonly description: string
  readonly run: (options: { readonly scale: number }) => Promise<Outcome>
}

export function atLeast(name: string, value: number, least: number): Check {
  return { name, value, target: `>= ${least}`, ok: value >= least }
}

export function atMost(name: string, value: number, most: number): Check {
  return { name, value, target: `<= ${most}`, ok: value <= most }
}

export function exactly(name: string, value: number, wanted: number): Check {
  return { name, value, target: `${wanted}`, ok: value === wanted }
}
