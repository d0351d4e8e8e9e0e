import type { Effects } from '../core/effects.ts'
import { messageOf } from '../core/errors.ts'
import {
  type ArchiveStore,
  archiveSegments,
  type Erased,
  eraseArchived,
  type IsGone,
  type LogRange,
} from '../log/index.ts'
import type { State } from '../state/state.ts'
import { eraseImports, type IsLineGone } from './erase-imports.ts'
import { eraseLate } from './erase-late.ts'
import { type Cutoffs, type ExpiredArchive, expireArchive } from './expire-archive.ts'
import type { Landing } from './landing.ts'
import type { WarehouseConsumer } from './warehouse-consumer.ts'

export interface ArchiverSettings {
  /** Of the log. */
  readonly dir: string
  readonly archive: ArchiveStore | undefined
  readonly consumer: WarehouseConsumer
  readonly landing: Landing
  readonly state: State
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

export interface ErasedArchive extends Erased {
  /** Events of imports. */
  readonly imported: number
}

/** Keeps the archive, in the worker: the collector never waits for it. Its methods are to be called one at a time. */
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

  /** Archives what is closed by now, but for late events of people who were deleted. Throws what keeps it from doing so. */
  async run(signal: AbortSignal): Promise<void> {
    const { dir, archive, consumer, landing, state, effects } = this.#settings
    const { tombstones } = landing
    const beforeDeleted = async (range: LogRange) => {
      if (archive !== undefined) await eraseLate({ archive, state, tombstones }, range, signal)
    }
    try {
      await archiveSegments({ dir, archive, through: await consumer.position(), beforeDeleted, effects, signal })
      this.#failure = undefined
    } catch (error) {
      signal.throwIfAborted()
      this.#failure = { error: messageOf(error), since: this.#failure?.since ?? effects.now() }
      throw error
    }
  }

  /** Erases records in what is archived by now, and what imports brought. Nothing where there is no archive. */
  async erase(isGone: IsGone, isLineGone: IsLineGone, signal: AbortSignal): Promise<ErasedArchive> {
    const { archive } = this.#settings
    if (archive === undefined) return { records: 0, segments: 0, imported: 0 }
    const erased = await eraseArchived({ archive, isGone, signal })
    return { ...erased, imported: await eraseImports({ archive, isGone: isLineGone, signal }) }
  }

  /** Erases what each source has kept for long enough. */
  async expire(cutoffs: Cutoffs, signal: AbortSignal): Promise<ExpiredArchive> {
    const { archive } = this.#settings
    if (archive === undefined || cutoffs.size === 0) return { records: 0, segments: 0, imported: 0, removed: 0 }
    return expireArchive(archive, cutoffs, signal)
  }
}
