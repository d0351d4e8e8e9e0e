/**
 * A place where a log is landed: warehouse, state, identity, loader and consumer over one folder, which may die at any statement.
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Effects, systemEffects } from '../../src/core/effects.ts'
import { Identity } from '../../src/identity/index.ts'
import { type LogReader, openLogReader } from '../../src/log/index.ts'
import { type Landed, Landing, WarehouseConsumer } from '../../src/pipeline/index.ts'
import { requireProject } from '../../src/project/index.ts'
import { openState, State } from '../../src/state/state.ts'
import { EventLoader } from '../../src/warehouse/load-events.ts'
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type Death, mortal } from './mortal-warehouse.ts'

export interface SiteOptions {
  readonly dir: string
  /** The most records of one load. */
  readonly events: number
  readonly death?: Death
  /** The consumer's position is committed before the rows are: then promises must be found broken. */
  readonly offsetFirst?: boolean
}

const WEEK_MS = 7 * 86_400_000

export class Site implements AsyncDisposable {
  readonly warehouse: Warehouse
  readonly state: State
  readonly landing: Landing
  readonly consumer: WarehouseConsumer
  readonly #log: LogReader
  readonly #consumerSettings: ConstructorParameters<typeof WarehouseConsumer>[0]

  static async open(options: SiteOptions): Promise<Site> {
    const project = await requireProject(options.dir, { variables: process.env })
    const warehouse = await openWarehouse(project)
    const state = await openState(warehouse, 'muster')
    const identity = new Identity(project, warehouse)
    await identity.open()
    return new Site(mortal(warehouse, options.death), state, identity, openLogReader({ dir: project.log.dir }), options)
  }

  private constructor(
    warehouse: Warehouse,
    { schema }: State,
    identity: Identity,
    log: LogReader,
    options: SiteOptions,
  ) {
    const effects: Effects = systemEffects
    this.warehouse = warehouse
    this.state = new State(warehouse, schema)
    this.#log = log
    const loader = new EventLoader({
      warehouse,
      numberOwners: identity.numberOwners,
      heldRows: this.state.name('held_rows'),
      now: effects.now,
    })
    this.landing = options.offsetFirst
      ? new OffsetFirst(this.state, loader, effects)
      : new Landing(this.state, loader, effects)
    this.#consumerSettings = {
      log,
      landing: this.landing,
      state: this.state,
      dedupWindowMs: WEEK_MS,
      batch: { events: options.events, withinMs: 0 },
      effects,
      logger: pino({ level: 'silent' }),
    }
    this.consumer = this.anotherConsumer()
  }

  /** As another process would have it, which knows its own position only. */
  anotherConsumer(): WarehouseConsumer {
    return new WarehouseConsumer(this.#consumerSettings)
  }

  catchUp(): Promise<void> {
    return this.consumer.catchUp(undefined, { alone: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log.close()
    await this.warehouse[Symbol.asyncDispose]()
  }
}

/** A landing that is wrong on purpose: the position is durable before the rows are. */
class OffsetFirst extends Landing {
  readonly #state: State

  constructor(state: State, loader: EventLoader, effects: Effects) {
    super(state, loader, effects)
    this.#state = state
  }

  override async land(load: Parameters<Landing['land']>[0]): Promise<Landed> {
    const nothing = { load: 0, loaded: 0, duplicates: 0, discards: 0, held: 0, rejected: 0, erased: 0 }
    await this.#state.transaction((session) => load.also(session, nothing))
    return super.land({ ...load, also: async () => {} })
  }
}

/** What kill -9 would leave of a project's folder, beside it. */
export async function copyLeft(from: string, to: string): Promise<void> {
  await cp(join(from, 'muster.yaml'), join(to, 'muster.yaml'))
  await cp(join(from, '.muster'), join(to, '.muster'), { recursive: true })
}
