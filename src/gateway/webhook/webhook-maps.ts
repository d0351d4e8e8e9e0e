import { MusterError } from '../../core/errors.ts'
import { FairQueue } from './fair-queue.ts'
import type { MapAnswer, MapJob, MapLimits } from './map-job.ts'
import { MapProcess } from './map-process.ts'

export interface WebhookMapsOptions extends Partial<MapLimits> {
  /** Characters of bodies of one source; more are answered 503. */
  readonly maxWaiting?: number
}

/** What even a small body counts as: 512 of them may wait. */
const MIN_WEIGHT = 128 * 1024

interface Waiting {
  readonly job: MapJob
  readonly resolve: (events: readonly unknown[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs the maps of webhooks, which users write, so that none can stall or crash the collector: in a process of their
 * own, which is started when the first is needed and replaced when a map takes too long or too much memory.
 */
export class WebhookMaps implements AsyncDisposable {
  readonly #limits: MapLimits
  readonly #queue: FairQueue<Waiting>
  #process: MapProcess | undefined
  #working = false
  #closed = false

  constructor({ limitMs = 1000, memoryMb = 128, maxWaiting = 512 * MIN_WEIGHT }: WebhookMapsOptions = {}) {
    this.#limits = { limitMs, memoryMb }
    this.#queue = new FairQueue(maxWaiting)
  }

  /**
   * What a map makes of a body: any number of values, which need not be events.
   * @throws MusterError `webhook_map_failed`, saying where, `webhook_busy`
   */
  events(job: MapJob): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(stopping())
      const weight = Math.max(job.body.length, MIN_WEIGHT)
      if (!this.#queue.add(job.source, { job, resolve, reject }, weight)) return reject(tooMany(job.source))
      void this.#work()
    })
  }

  /** Ends the process; what still waits is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#process?.[Symbol.asyncDispose]()
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) {
      await this.#run(next.job).then(next.resolve, next.reject)
    }
    this.#working = false
  }

  async #run(job: MapJob): Promise<readonly unknown[]> {
    const answer = (await this.#answer(job)) ?? (await this.#answer(job))
    if (this.#closed) throw stopping()
    if (answer === undefined) throw new MusterError('webhook_busy', 'the process that runs maps does not start')
    if ('failure' in answer) throw new MusterError('webhook_map_failed', answer.failure)
    // A list: our own process wrote it.
    return JSON.parse(answer.events) as unknown[]
  }

  async #answer(job: MapJob): Promise<MapAnswer | undefined> {
    if (this.#closed) throw stopping()
    if (!this.#process?.alive) this.#process = new MapProcess(this.#limits)
    return await this.#process.run(job)
  }
}

function stopping(): MusterError {
  return new MusterError('webhook_busy', 'the collector is stopping')
}

function tooMany(source: string): MusterError {
  return new MusterError('webhook_busy', `too many webhooks of the source ${source} wait for its map`)
}
