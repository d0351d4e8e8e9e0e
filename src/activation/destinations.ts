/**
 * Destinations in use: connectors bound to settings, played by twins where the environment says so.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import {
  type Connector,
  type LiveDestination,
  openDestination,
  type RunningTwin,
  startTwin,
} from '../delivery/index.ts'
import type { Destination } from '../project/index.ts'

export interface OpenedDestination {
  readonly live: LiveDestination
  readonly connector: Connector
  /** What ledgers are kept under: a twin's is `twin:<destination>`, whatever its port. */
  readonly baseUrl: string
}

export class Destinations implements AsyncDisposable {
  readonly #root: string
  readonly #connectors: ReadonlyMap<string, Connector>
  readonly #effects: Effects
  readonly #logger: Logger
  readonly #twins = new Map<string, Promise<RunningTwin>>()

  /** `root`: the project's folder, where twins keep their state. */
  constructor(root: string, connectors: ReadonlyMap<string, Connector>, effects: Effects, logger: Logger) {
    this.#root = root
    this.#connectors = connectors
    this.#effects = effects
    this.#logger = logger
  }

  async open(destination: Destination): Promise<OpenedDestination> {
    const connector = this.#connector(destination)
    if (!destination.twin) {
      const live = openDestination({
        connector,
        settings: destination.settings,
        effects: this.#effects,
        logger: this.#logger,
      })
      return { live, connector, baseUrl: live.baseUrl }
    }
    const twin = await this.twin(destination)
    const live = openDestination({
      connector,
      settings: { ...destination.settings, ...twin.credentials },
      baseUrl: twin.url,
      allowPrivate: true,
      effects: this.#effects,
      logger: this.#logger,
    })
    return { live, connector, baseUrl: `twin:${destination.name}` }
  }

  /** The running twin of a destination, started when first asked for. Its state outlives the process. */
  twin(destination: Destination): Promise<RunningTwin> {
    const running = this.#twins.get(destination.name)
    if (running) return running
    const starting = startTwin({
      connector: this.#connector(destination),
      destination: destination.name,
      dir: join(this.#root, '.muster', 'twins'),
    })
    this.#twins.set(destination.name, starting)
    return starting
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const twins = await Promise.allSettled(this.#twins.values())
    for (const twin of twins) if (twin.status === 'fulfilled') await twin.value.close()
    this.#twins.clear()
  }

  #connector({ name, connector }: Destination): Connector {
    const found = this.#connectors.get(connector)
    if (found) return found
    throw new MusterError(
      'unknown_connector',
      `Destination "${name}" names the connector "${connector}", which does not exist.`,
      {
        hint: `There are: ${[...this.#connectors.keys()].join(', ')}.`,
      },
    )
  }
}
