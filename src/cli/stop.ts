/** Resolves at the first SIGINT or SIGTERM; a second SIGINT ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => {
      // The handler is gone after the first: the next one ends the process as any program's.
      resolve()
    })
  })
}
