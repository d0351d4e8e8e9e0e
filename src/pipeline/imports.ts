/**
 * Imports of history: files of events, straight to the warehouse and the archive, resumed where they stopped.
 */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import PQueue from 'p-queue'
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import type { ArchiveStore } from '../log/index.ts'
import type { Project } from '../project/index.ts'
import type { State } from '../state/state.ts'
import { compileImportMap } from './import-map.ts'
import { type ImportRecord, readImport, readImports, writeImport } from './import-record.ts'
import { requireFormat } from './import-rows.ts'
import type { Landing } from './landing.ts'
import { runImport } from './run-import.ts'

export interface ImportRequest {
  /** Absolute. */
  readonly file: string
  readonly source: string
  /** JSONata; absent when rows are events. */
  readonly map?: string | undefined
}

export interface ImportsSettings {
  /** The project as it is now. */
  readonly project: () => Project
  /** Absent: nothing is kept but the rows. */
  readonly archive: ArchiveStore | undefined
  readonly landing: Landing
  readonly state: State
  readonly effects: Effects
  readonly logger: Logger
}

export class Imports {
  readonly #settings: ImportsSettings
  readonly #turns = new PQueue({ concurrency: 1 })
  readonly #stop = new AbortController()

  constructor(settings: ImportsSettings) {
    this.#settings = settings
  }

  /**
   * Checks the request and starts it behind those under way; one that was interrupted goes on.
   * Throws `unknown_source`, `import_file_unreadable`, `import_map_invalid`.
   */
  async start(request: ImportRequest): Promise<ImportRecord> {
    const { state, effects } = this.#settings
    const { sources } = this.#settings.project()
    if (!sources[request.source]) {
      throw new MusterError('unknown_source', `There is no source "${request.source}".`, {
        hint: `There are: ${Object.keys(sources).join(', ')}.`,
      })
    }
    compileImportMap(request.map ?? '')
    requireFormat(request.file)
    const { fingerprint, size } = await look(request.file)
    const id = idOf(request, fingerprint)
    const earlier = await readImport(state, id)
    const resumed = earlier?.state !== 'done' && earlier
    const record: ImportRecord = resumed
      ? { ...earlier, state: 'running', error: null, ended_at: null }
      : {
          id,
          source: request.source,
          file: request.file,
          fingerprint,
          map: request.map ?? '',
          state: 'running',
          error: null,
          line: 0,
          bytes: 0,
          total_bytes: size,
          events: 0,
          duplicates: 0,
          rejected: 0,
          started_at: effects.now(),
          ended_at: null,
        }
    await writeImport(state, record)
    this.#enqueue(record)
    return record
  }

  /** Goes on with what a crash interrupted. */
  async resume(): Promise<void> {
    for (const record of await readImports(this.#settings.state)) {
      if (record.state === 'running') this.#enqueue(record)
    }
  }

  read(id: string): Promise<ImportRecord | undefined> {
    return readImport(this.#settings.state, id)
  }

  list(): Promise<ImportRecord[]> {
    return readImports(this.#settings.state)
  }

  /** Stops after the batch under way; what is not done is resumed by the next process. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#turns.onIdle()
  }

  #enqueue(record: ImportRecord): void {
    void this.#turns.add(() => this.#run(record))
  }

  async #run(record: ImportRecord): Promise<void> {
    const { state, logger, effects } = this.#settings
    try {
      const { fingerprint } = await look(record.file)
      if (fingerprint !== record.fingerprint) {
        throw new MusterError('import_file_unreadable', `${record.file} changed after the import had started.`, {
          hint: 'Start the import again: events that are in already are not doubled.',
        })
      }
      await runImport(this.#settings, record, this.#stop.signal)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      logger.error({ err: error, import: record.id }, `import failed: ${messageOf(error)}`)
      const now = (await readImport(state, record.id)) ?? record
      await writeImport(state, { ...now, state: 'failed', error: messageOf(error), ended_at: effects.now() })
    }
  }
}

async function look(file: string): Promise<{ fingerprint: string; size: number }> {
  try {
    const { size, mtimeMs } = await stat(file)
    return { fingerprint: `${size}:${mtimeMs}`, size }
  } catch (error) {
    throw new MusterError('import_file_unreadable', `${file} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
}

function idOf({ file, source, map = '' }: ImportRequest, fingerprint: string): string {
  return createHash('sha256')
    .update(JSON.stringify([file, source, map, fingerprint]))
    .digest('hex')
    .slice(0, 12)
}
