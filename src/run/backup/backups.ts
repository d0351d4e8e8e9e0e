import { isAbsolute } from 'node:path'
import { MusterError, messageOf } from '../../core/errors.ts'
import { type BackupInput, backUp } from './backup.ts'
import type { Manifest } from './manifest.ts'

export interface BackupState {
  readonly to: string
  readonly state: 'running' | 'done' | 'failed'
  readonly files: number
  readonly bytes: number
  /** For so long sessions of the warehouse waited. */
  readonly pausedMs: number | null
  readonly logHead: number | null
  /** Whether the warehouse is in it: one on a server of its own is not. */
  readonly withWarehouse: boolean | null
  /** The bucket that holds the archive, which is not in it; null where it is, or there is none. */
  readonly archiveElsewhere: string | null
  readonly error: MusterError | null
}

/** Where a backup gets what it copies; the warehouse and the log stay at work. */
export interface BackupsSettings {
  readonly input: () => Omit<BackupInput, 'to' | 'signal' | 'onFile'>
  /** Runs work while no segment leaves the log. */
  readonly whileLogIsKept: <T>(work: () => Promise<T>) => Promise<T>
}

/** Backups of this process: one at a time, of which it knows the last. */
export class Backups {
  readonly #settings: BackupsSettings
  readonly #stop = new AbortController()
  #last: BackupState | undefined
  #work: Promise<void> = Promise.resolve()

  constructor(settings: BackupsSettings) {
    this.#settings = settings
  }

  get last(): BackupState | undefined {
    return this.#last
  }

  /** Begins a backup into an absolute folder of this machine. Throws `backup_running`, `usage`. */
  start(to: string): BackupState {
    if (!isAbsolute(to)) throw new MusterError('usage', `The folder of a backup must be absolute, not "${to}".`)
    if (this.#last?.state === 'running') {
      throw new MusterError('backup_running', `A backup into ${this.#last.to} is being made.`)
    }
    const unknown = { withWarehouse: null, archiveElsewhere: null }
    const begun = {
      to,
      state: 'running',
      files: 0,
      bytes: 0,
      pausedMs: null,
      logHead: null,
      ...unknown,
      error: null,
    } as const
    this.#last = begun
    this.#work = this.#run(begun)
    return begun
  }

  async close(): Promise<void> {
    this.#stop.abort(new MusterError('backup_unwritable', 'The server was stopped before the backup was done.'))
    await this.#work
  }

  async #run(begun: BackupState): Promise<void> {
    let files = 0
    let bytes = 0
    const onFile: BackupInput['onFile'] = (file) => {
      files += 1
      bytes += file.bytes
      this.#last = { ...begun, files, bytes }
    }
    try {
      const { to } = begun
      const { manifest, pausedMs } = await this.#settings.whileLogIsKept(() =>
        backUp({ ...this.#settings.input(), to, signal: this.#stop.signal, onFile }),
      )
      this.#last = { ...begun, state: 'done', files, bytes, pausedMs, logHead: manifest.logHead, ...aboutOf(manifest) }
    } catch (error) {
      const known =
        error instanceof MusterError ? error : new MusterError('internal', messageOf(error), { cause: error })
      this.#last = { ...begun, state: 'failed', files, bytes, error: known }
    }
  }
}

function aboutOf({ engine, archive }: Manifest): Pick<BackupState, 'withWarehouse' | 'archiveElsewhere'> {
  return { withWarehouse: engine === 'duckdb', archiveElsewhere: archive }
}
