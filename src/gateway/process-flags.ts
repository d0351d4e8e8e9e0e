/**
 * Node's flags for the collector's process. Collection makes short-lived garbage only: V8's young generation would grow to 290 MB
 * with it, and is as quick in half of that (measured with `npm run bench -- ingest`).
 */
export const COLLECTOR_FLAGS: readonly string[] = ['--max-semi-space-size=16']
