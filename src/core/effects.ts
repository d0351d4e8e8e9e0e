import { randomUUID } from 'node:crypto'
import { type Files, systemFiles } from './files.ts'

/** What touches the world. Production passes `systemEffects`; a test passes its own. */
export interface Effects {
  readonly now: () => Date
  /** A UUID v4. */
  readonly id: () => string
  /** In [0, 1). */
  readonly random: () => number
  readonly fetch: typeof fetch
  readonly files: Files
  readonly env: Readonly<Record<string, string | undefined>>
  /** Resolves after `ms`, or rejects with the signal's reason. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const systemEffects: Effects = {
  now: () => new Date(),
  id: () => randomUUID(),
  random: () => Math.random(),
  fetch: (...args) => fetch(...args),
  files: systemFiles,
  env: process.env,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = setTimeout(finish, ms)
      function finish() {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      function abort() {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
    }),
}
