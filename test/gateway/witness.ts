/**
 * Preloaded into the process under test: it tells what only that process can see of itself.
 */

/** What a process says of itself when it is asked "how are you?". */
export interface Testimony {
  /** Members that somebody added to the prototype of all objects. */
  readonly polluted: readonly string[]
  /** The most memory it ever held, in bytes. */
  readonly maxMemory: number
  /** How long it has worked, in milliseconds. */
  readonly cpuMs: number
}

const builtIn = new Set(Reflect.ownKeys(Object.prototype))

process.on('message', (message) => {
  if (message !== 'how are you?') return
  const polluted = Reflect.ownKeys(Object.prototype).filter((key) => !builtIn.has(key))
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const testimony: Testimony = {
    polluted: polluted.map(String),
    maxMemory: maxRSS * 1024,
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
  }
  process.send?.({ testimony })
})
