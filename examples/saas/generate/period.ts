export const DAY = 86_400_000

/** Milliseconds since 1970. */
export interface Period {
  readonly start: number
  readonly end: number
}
