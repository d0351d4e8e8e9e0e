import { CallQueue } from './call-queue.ts'
import { chance, type Random, seededRandom } from './seeded-random.ts'
import type { Call } from './simulated-files.ts'
import { SimulatedFolder } from './simulated-folder.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { systemError } from './simulated-tree.ts'

/** What a disk only says it does. */
export type Lie = 'fsync' | 'folder-sync'

/** What a call does, and what it has done by the time it fails. */
export interface Work<T> {
  readonly done: (random: Random) => T
  readonly failed?: (random: Random) => void
}

/** Calls that leave something else on the disk. */
export const CHANGES: ReadonlySet<Call['name']> = new Set([
  'create',
  'write',
  'truncate',
  'sync',
  'rename',
  'remove',
  'makeFolder',
  'syncFolder',
])

/**
 * A disk in memory that knows what is durable and what is only written. Which of the calls under way comes next, and what
 * a failure or a power cut leaves, follows from the seed alone.
 */
export class SimulatedDisk {
  readonly root: SimulatedFolder
  /** All files together hold no more bytes. */
  capacity = Infinity
  readOnly = false
  lie: Lie | undefined
  /** The system's code with which a call fails. */
  fault: ((call: Call) => string | undefined) | undefined
  readonly #random: Random
  readonly #queue: CallQueue
  readonly #locks = new Map<string, SimulatedProcess>()
  #changesLeft = Infinity

  constructor(seed: number, root = new SimulatedFolder()) {
    this.root = root
    this.#random = seededRandom(seed)
    this.#queue = new CallQueue(this.#random)
  }

  /**
   * A program that uses the disk. One that also computes in other threads (zlib) must be killed in the end: until its next
   * call the disk rests.
   */
  start({ computes = false } = {}): SimulatedProcess {
    return new SimulatedProcess(this, this.#queue, computes)
  }

  /** Resolves when no call is under way. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#queue.settle(this, resolve))
  }

  /** Cuts the power in the middle of a later call: of one that changes something, the others leave what is there. */
  cutPowerAfter(changes: number): void {
    this.#changesLeft = changes
  }

  get off(): boolean {
    return this.#changesLeft <= 0
  }

  /** The disk as it is once the power is back; each seed may leave something else. */
  afterPowerCut(seed: number): SimulatedDisk {
    const next = new SimulatedDisk(seed, this.root.afterPowerCut(seededRandom(seed)))
    next.lie = this.lie
    return next
  }

  /** Does one call at once. */
  perform<T>(call: Call, { done, failed }: Work<T>): T {
    if (this.off) throw new Error('the power is off')
    if (CHANGES.has(call.name)) {
      this.#changesLeft--
      this.#queue.wake()
    }
    if (this.off) {
      if (chance(this.#random, 0.5)) done(this.#random)
      throw new Error('the power is off')
    }
    const refused = this.readOnly && CHANGES.has(call.name) && call.name !== 'syncFolder'
    const fault = refused ? 'EROFS' : this.fault?.(call)
    if (fault === undefined) return done(this.#random)
    failed?.(this.#random)
    throw systemError(fault, call.path)
  }

  lock(process: SimulatedProcess, path: string): (() => void) | undefined {
    if (this.#locks.get(path)?.alive) return undefined
    this.#locks.set(path, process)
    return () => this.#locks.delete(path)
  }
}
