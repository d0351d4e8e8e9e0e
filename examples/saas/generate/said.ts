import type { Dirt } from './dirt.ts'

/** A value that a system has on record. */
export interface Noted {
  readonly value: string
  readonly dirt?: Dirt | undefined
}

/** What the app has on record from an instant on, until something else is said. */
export interface Said extends Noted {
  readonly from: number
}

/** Since before anything else. */
export const EVER = Number.NEGATIVE_INFINITY

export function saidAt(history: readonly Said[], at: number): Said | undefined {
  return history.findLast(({ from }) => from <= at)
}
