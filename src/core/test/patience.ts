/**
 * How long properties run: `npm run long -- properties` runs each 50 times longer than `npm test`.
 */
const factor = process.env.MUSTER_LONG === undefined ? 1 : 50

/** Runs of a property, of which `npm test` has so few. */
export const runs = (few: number): number => few * factor

/** Milliseconds that a test of `runs` may take, for which `npm test` has so many. */
export const patient = (ms: number): number => ms * factor
