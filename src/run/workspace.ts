/**
 * Workspace: what one process owns of a project: warehouse, state, identity, loading, activation, runs.
 */
import PQueue from 'p-queue'
import type { Logger } from 'pino'
import { type Activation, Destinations } from '../activation/index.ts'
import type { Effects } from '../core/effects.ts'
import { messageOf } from '../core/errors.ts'
import { type Connector, loadConnectors } from '../delivery/index.ts'
import { suppressionsFile } from '../gateway/index.ts'
import { Identity } from '../identity/index.ts'
import { type ArchiveStore, type LogReader, openArchive, openLogReader } from '../log/index.ts'
import {
  Archiver,
  Imports,
  Landing,
  Replays,
  SuppressionList,
  sourceShapes,
  WarehouseConsumer,
} from '../pipeline/index.ts'
import { Deletions, type Retained, retain } from '../privacy/index.ts'
import { openState, type State } from '../state/state.ts'
import { EventLoader } from '../warehouse/load-events.ts'
import { type Names, physicalNames } from '../warehouse/names.ts'
import { openWarehouse } from '../warehouse/open-warehouse.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { Backups } from './backup/backups.ts'
import { type Checked, checkProject, type Definitions, requireDefinitions } from './definitions.ts'
import { RunLog } from './run-record.ts'

export interface WorkspaceOptions {
  readonly dir: string
  readonly env: string
  readonly effects: Effects
  readonly logger: Logger
}

/** What is made from the project's files, and made anew when they change. */
interface Current {
  readonly definitions: Definitions
  readonly identity: Identity
}

interface Parts {
  readonly warehouse: Warehouse
  readonly state: State
  readonly log: LogReader
  readonly archive: ArchiveStore | undefined
  readonly connectors: ReadonlyMap<string, Connector>
  readonly current: Current
}

export class Workspace implements AsyncDisposable {
  readonly warehouse: Warehouse
  readonly state: State
  readonly names: Names
  readonly log: LogReader
  /** Opened once: a change of `log:` takes effect with the next start. */
  readonly archive: ArchiveStore | undefined
  readonly connectors: ReadonlyMap<string, Connector>
  readonly landing: Landing
  readonly consumer: WarehouseConsumer
  readonly archiver: Archiver
  readonly imports: Imports
  readonly replays: Replays
  readonly destinations: Destinations
  readonly runs: RunLog
  readonly backups: Backups
  readonly suppressions: SuppressionList
  readonly deletions: Deletions
  readonly effects: Effects
  readonly logger: Logger
  readonly #options: WorkspaceOptions
  /** The lease: runs, plans and applies of a project take turns. */
  readonly #lease = new PQueue({ concurrency: 1 })
  readonly #archiving = new PQueue({ concurrency: 1 })
  #current: Current
  #editRefused: string | null = null

  /** Opens a valid project. Throws `project_invalid`, `warehouse_locked` and their like. */
  static async open(options: WorkspaceOptions): Promise<Workspace> {
    const { effects, dir, env } = options
    const connectors = await loadConnectors(dir)
    const definitions = await requireDefinitions({ dir, env, variables: effects.env, connectors })
    const { project } = definitions
    const warehouse = await openWarehouse(project)
    try {
      const names = physicalNames(warehouse.dialect, project.prefix)
      const state = await openState(warehouse, names.schema('muster'))
      const identity = new Identity(project, warehouse)
      await identity.open()
      const archive = openArchive(project.log.archive, effects)
      const log = openLogReader({ dir: project.log.dir, archive })
      const workspace = new Workspace(
        { warehouse, state, log, archive, connectors, current: { definitions, identity } },
        options,
      )
      await workspace.runs.markInterrupted()
      return workspace
    } catch (error) {
      await warehouse[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor({ warehouse, state, log, archive, connectors, current }: Parts, options: WorkspaceOptions) {
    const { effects, logger } = options
    const { project } = current.definitions
    this.warehouse = warehouse
    this.state = state
    this.log = log
    this.archive = archive
    this.connectors = connectors
    this.effects = effects
    this.logger = logger
    this.names = physicalNames(warehouse.dialect, project.prefix)
    this.#options = options
    this.#current = current
    const loader = new EventLoader({
      warehouse,
      numberOwners: (session, owners) => this.identity.numberOwners(session, owners),
      heldRows: state.name('held_rows'),
      now: effects.now,
    })
    this.landing = new Landing(state, loader, effects)
    const { dedupWindowMs, landing: batch } = project
    const shapes = () => sourceShapes(this.definitions.project)
    this.consumer = new WarehouseConsumer({
      log,
      landing: this.landing,
      state,
      dedupWindowMs,
      batch,
      shapes,
      effects,
      logger,
    })
    this.archiver = new Archiver({
      dir: project.log.dir,
      archive,
      consumer: this.consumer,
      landing: this.landing,
      state,
      effects,
    })
    this.imports = new Imports({
      project: () => this.definitions.project,
      archive,
      landing: this.landing,
      state,
      effects,
      logger,
    })
    this.replays = new Replays({
      project: () => this.definitions.project,
      openLog: () => this.openLog(),
      archive,
      landing: this.landing,
      state,
      effects,
      logger,
    })
    this.destinations = new Destinations(project.root, connectors, effects, logger)
    this.runs = new RunLog(state, effects)
    this.backups = new Backups({
      input: () => ({
        project: this.definitions.project,
        warehouse,
        log,
        position: () => this.consumer.position(),
        now: effects.now,
      }),
      whileLogIsKept: (work) => this.archiving(work),
    })
    this.suppressions = new SuppressionList(state, suppressionsFile(project.root, project.env), effects)
    this.deletions = new Deletions({
      state,
      project: () => this.definitions.project,
      identity: () => this.identity,
      log,
      landing: this.landing,
      consumer: this.consumer,
      archiver: this.archiver,
      suppressions: this.suppressions,
      effects,
      logger,
      exclusively: (work) => this.exclusively(work),
      archiving: (work) => this.archiving(work),
    })
  }

  get definitions(): Definitions {
    return this.#current.definitions
  }

  get identity(): Identity {
    return this.#current.identity
  }

  get activation(): Activation {
    const { project } = this.definitions
    const { warehouse, state, names, destinations, effects, logger } = this
    return { project, warehouse, state, names, destinations, effects, logger }
  }

  /** Why the files as they were last read are not in force; null where they are. */
  get editRefused(): string | null {
    return this.#editRefused
  }

  /** Every problem of the files as they are now, against the tables that exist. */
  async check(): Promise<Checked> {
    const tables = new Set((await this.warehouse.columns()).keys())
    return checkProject({ ...this.#checkInput(), tables })
  }

  /** Reads the files again. Throws `project_invalid`; the last good definitions stay in force then. */
  async refresh(): Promise<Definitions> {
    const definitions = await requireDefinitions(this.#checkInput()).catch((error: unknown) => {
      this.#editRefused = messageOf(error)
      throw error
    })
    this.#editRefused = null
    this.#current = { definitions, identity: new Identity(definitions.project, this.warehouse) }
    return definitions
  }

  /** A reader of the log that shares nothing with the consumer's. */
  openLog(): LogReader {
    return openLogReader({ dir: this.definitions.project.log.dir, archive: this.archive })
  }

  /** Deletes what sources do not keep any longer, under the lease. */
  retain(signal: AbortSignal): Promise<Retained> {
    const { state, landing, archiver, effects } = this
    const project = () => this.definitions.project
    return this.exclusively(() =>
      retain({ state, project, landing, archiver, archiving: (work) => this.archiving(work), effects }, signal),
    )
  }

  /** Runs work under the lease, behind what holds it. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#lease.add(work)
  }

  /** Runs what takes segments out of the log, or needs them to stay; one at a time. */
  archiving<T>(work: () => Promise<T>): Promise<T> {
    return this.#archiving.add(work)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backups.close()
    await this.imports.close()
    await this.replays.close()
    await this.deletions.close()
    await this.#lease.onIdle()
    await this.destinations[Symbol.asyncDispose]()
    await this.warehouse[Symbol.asyncDispose]()
  }

  #checkInput() {
    const { dir, env, effects } = this.#options
    return { dir, env, variables: effects.env, connectors: this.connectors }
  }
}
