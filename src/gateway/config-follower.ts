import { statSync } from 'node:fs'
import { MusterError, messageOf } from '../core/errors.ts'
import type { Suppressed } from '../event/index.ts'
import type { Logger } from './logger.ts'
import { type RuntimeConfig, readRuntimeConfig } from './runtime-config.ts'
import { Sources } from './sources.ts'
import { readSuppressions } from './suppressions-file.ts'

const POLL_MS = 500

/**
 * Follows the runtime configuration and the suppressions it names. An invalid one is logged and the last good ones stay in
 * force; without suppressions nothing is collected, for nobody could say who must not be stored.
 */
export class ConfigFollower {
  readonly #file: string
  readonly #logger: Logger
  readonly #timer: NodeJS.Timeout
  readonly #config = new FollowedFile<RuntimeConfig>(readRuntimeConfig)
  readonly #suppressed = new FollowedFile<Suppressed>(readSuppressions)
  #inForce: { readonly config: RuntimeConfig; readonly suppressed: Suppressed } | undefined
  #sources: Sources | undefined

  constructor(file: string, logger: Logger) {
    this.#file = file
    this.#logger = logger
    this.#look()
    this.#timer = setInterval(() => this.#look(), POLL_MS).unref()
  }

  /** Undefined until there has been a valid configuration. */
  get sources(): Sources | undefined {
    // Whoever asks before there is one should not wait for the next look.
    if (this.#sources === undefined) this.#look()
    return this.#sources
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    try {
      const config = this.#config.look(this.#file)
      if (config === undefined) return
      const suppressed = this.#suppressed.look(config.suppressionsFile)
      if (suppressed === undefined) return
      if (config === this.#inForce?.config && suppressed === this.#inForce.suppressed) return
      this.#sources = new Sources(config, suppressed, this.#sources)
      this.#inForce = { config, suppressed }
      this.#logger.info({ sources: config.sources.length }, 'runtime configuration read')
    } catch (error) {
      this.#logger.error({ reason: messageOf(error) }, 'the last good runtime configuration stays in force')
    }
  }
}

/** A file that is replaced as a whole, read again when it was. */
class FollowedFile<T> {
  readonly #read: (file: string) => T
  #seen = ''
  /** As last read without a fault. */
  #value: T | undefined

  constructor(read: (file: string) => T) {
    this.#read = read
  }

  /**
   * The last good value. Throws when the file is not what it should be, once for each state of it; when it cannot be
   * read, each time, for the same file may be readable the next time.
   */
  look(file: string): T | undefined {
    const state = stateOf(file)
    if (state === this.#seen) return this.#value
    try {
      this.#value = this.#read(file)
      this.#seen = state
    } catch (error) {
      if (!isSystemError(error)) this.#seen = state
      throw error
    }
    return this.#value
  }
}

function isSystemError(error: unknown): boolean {
  const cause = error instanceof MusterError ? error.cause : error
  return cause instanceof Error && 'syscall' in cause
}

/** Changes with every replacement of the file; empty while there is none. */
function stateOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${file} ${stat.ino} ${stat.mtimeMs} ${stat.size}`
}
