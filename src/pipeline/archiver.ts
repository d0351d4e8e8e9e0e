import type { Effects } from '../core/effects.ts'
import { messageOf } from '../core/errors.ts'
import { type ArchiveStore, archiveSegments } from '../log/index.ts'
import type { WarehouseConsumer } from './warehouse-consumer.ts'

export interface ArchiverSettings {
  /** Of the log. */
  readonly dir: string
  readonly archive: ArchiveStore | undefined
  readonly consumer: WarehouseConsumer
  readonly effects: Effects
}

/** How archiving goes in this process. */
export interface ArchiveState {
  /** Where the archive is; null when there is none. */
  readonly place: string | null
  /** What the last attempt failed with: segments stay in the log meanwhile. */
  readonly error: string | null
  readonly failingSince: Date | null
}

/** Brings closed segments of the log into the archive. It works in the worker: the collector never waits for it. */
export class Archiver {
  readonly #settings: ArchiverSettings
  #failure: { readonly error: string; readonly since: Date } | undefined

  constructor(settings: ArchiverSettings) {
    this.#settings = settings
  }

  get state(): ArchiveState {
    const { archive } = this.#settings
    const { error = null, since = null } = this.#failure ?? {}
    return { place: archive?.place ?? null, error, failingSince: since }
  }

  /** Archives what is closed by now. Throws what keeps it from doing so. */
  async run(signal: AbortSignal): Promise<void> {
    const { dir, archive, consumer, effects } = this.#settings
    try {
      await archiveSegments({ dir, archive, through: await consumer.position(), effects, signal })
      this.#failure = undefined
    } catch (error) {
      signal.throwIfAborted()
      this.#failure = { error: messageOf(error), since: this.#failure?.since ?? effects.now() }
      throw error
    }
  }
}
