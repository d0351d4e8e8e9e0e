import { statSync } from 'node:fs'
import { messageOf } from '../core/errors.ts'
import type { Logger } from './logger.ts'
import { readRuntimeConfig } from './runtime-config.ts'
import { Sources } from './sources.ts'

const POLL_MS = 500

/** Follows the runtime configuration in a file; an invalid one is logged and the last good one stays in force. */
export class ConfigFollower {
  readonly #file: string
  readonly #logger: Logger
  readonly #timer: NodeJS.Timeout
  #seen = ''
  #sources: Sources | undefined

  constructor(file: string, logger: Logger) {
    this.#file = file
    this.#logger = logger
    this.#look()
    this.#timer = setInterval(() => this.#look(), POLL_MS).unref()
  }

  /** Undefined until there has been a valid one. */
  get sources(): Sources | undefined {
    return this.#sources
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const state = stateOf(this.#file)
    if (state === this.#seen) return
    this.#seen = state
    try {
      this.#sources = new Sources(readRuntimeConfig(this.#file), this.#sources)
      this.#logger.info({ sources: this.#sources.config.sources.length }, 'runtime configuration read')
    } catch (error) {
      this.#logger.error({ reason: messageOf(error) }, 'the last good runtime configuration stays in force')
    }
  }
}

/** Changes with every replacement of the file; empty while there is none. */
function stateOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
}
