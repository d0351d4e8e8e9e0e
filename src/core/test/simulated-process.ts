import type { CallQueue } from './call-queue.ts'
import type { SimulatedDisk, Work } from './simulated-disk.ts'
import { type Call, SimulatedFiles } from './simulated-files.ts'

/** A program that uses a simulated disk and may be killed. */
export class SimulatedProcess {
  readonly files: SimulatedFiles
  readonly #disk: SimulatedDisk
  readonly #queue: CallQueue
  readonly #computes: boolean
  #alive = true
  #calls = 0
  #killAt = Infinity

  constructor(disk: SimulatedDisk, queue: CallQueue, computes: boolean) {
    this.files = new SimulatedFiles(disk, this)
    this.#disk = disk
    this.#queue = queue
    this.#computes = computes
  }

  get alive(): boolean {
    return this.#alive && !this.#disk.off
  }

  /** Calls it made so far. */
  get calls(): number {
    return this.#calls
  }

  /** Its calls fail from now on; what it wrote stays as it is. */
  kill(): void {
    this.#alive = false
    this.#queue.release(this)
  }

  /** Kills it in its `calls`th call from now: that one is still done, but nobody learns of it. */
  killAfter(calls: number): void {
    this.#killAt = this.#calls + calls
  }

  /** Does a call in its turn among those of all processes. */
  call<T>(call: Call, work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.add(this, () => {
        if (this.#computes && this.alive) this.#queue.hold(this)
        try {
          resolve(this.callNow(call, work))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  callNow<T>(call: Call, work: Work<T>): T {
    if (!this.#alive) throw new Error('the process was killed')
    this.#calls++
    const result = this.#disk.perform(call, work)
    if (this.#calls < this.#killAt) return result
    this.kill()
    throw new Error('the process was killed')
  }

  /** Resolves when another call changed something on the disk, or no other is under way. */
  rest(): Promise<void> {
    return new Promise((resolve) => this.#queue.rest(this, resolve))
  }
}
