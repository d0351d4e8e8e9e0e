import type { Effects } from '../core/effects.ts'
import { messageOf } from '../core/errors.ts'
import { isMissing } from '../core/files.ts'
import { closeRequestFile, type LogWriter } from '../log/index.ts'
import type { Logger } from './logger.ts'

const POLL_MS = 500

/** Closes the log's current segment when another process asks for it by a file: what is to be erased must be archived first. */
export class SegmentCloser implements AsyncDisposable {
  readonly #log: LogWriter
  readonly #file: string
  readonly #effects: Effects
  readonly #logger: Logger
  readonly #stop = new AbortController()
  readonly #looking: Promise<void>

  constructor(
    log: LogWriter,
    dir: string,
    { effects, logger }: { readonly effects: Effects; readonly logger: Logger },
  ) {
    this.#log = log
    this.#file = closeRequestFile(dir)
    this.#effects = effects
    this.#logger = logger
    this.#looking = this.#look()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#looking
  }

  async #look(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#serve().catch((error: unknown) => {
        this.#logger.error({ reason: messageOf(error) }, 'a segment of the log could not be closed; trying again')
      })
      await this.#effects.sleep(POLL_MS, this.#stop.signal).catch(() => undefined) // only the signal ends it early
    }
  }

  async #serve(): Promise<void> {
    if (!this.#asked()) return
    await this.#log.closeSegment()
    await this.#effects.files.remove(this.#file)
  }

  #asked(): boolean {
    try {
      this.#effects.files.readSync(this.#file)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }
}
