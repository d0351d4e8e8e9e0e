import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../core/errors.ts'
import { codeExtension } from '../../core/package-root.ts'
import type { MapAnswer, MapJob, MapLimits, MapMessage } from './map-job.ts'

const MODULE = fileURLToPath(new URL(`./map-main${codeExtension}`, import.meta.url))

/** For the process to start, and for a large body to arrive. */
const START_MS = 10_000

/** JSONata keeps the limit by itself, but in its built-in functions: this long after it they are ended with the process. */
const GRACE_MS = 500

interface Ended {
  readonly ended: string
}

type Heard = MapMessage | Ended

/**
 * A process that runs one map at a time. A process and not a thread: a thread that asks for more memory than it may
 * have, in one piece, takes the whole collector with it (V8 aborts).
 */
export class MapProcess implements AsyncDisposable {
  readonly #limits: MapLimits
  readonly #child: ChildProcess
  readonly #exit: Promise<Ended>
  readonly #ready: Promise<boolean>
  #alive = true

  constructor(limits: MapLimits) {
    this.#limits = limits
    this.#child = fork(MODULE, [JSON.stringify(limits)], {
      // A map is somebody's text: it needs nothing of the environment, where secrets are.
      env: {},
      execArgv: [`--max-old-space-size=${limits.memoryMb}`],
      // V8 writes a page on running out of memory.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
    this.#exit = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve({ ended: messageOf(error) }))
      this.#child.once('exit', (code, signal) => resolve({ ended: signal ?? `exit code ${code}` }))
    })
    void this.#exit.then(() => {
      this.#alive = false
    })
    this.#ready = this.#starts()
  }

  /** Whether it can take a job. */
  get alive(): boolean {
    return this.#alive
  }

  /** Runs a map; one that takes too long, or too much memory, ends the process. Undefined when that ended before. */
  async run(job: MapJob): Promise<MapAnswer | undefined> {
    if (!(await this.#ready)) return undefined
    const begun = this.#hear((message) => message === 'begun')
    const answer = this.#hear(isAnswer)
    this.#child.send(job)
    if ((await within(START_MS, [begun, this.#exit])) !== 'begun') return this.#kill()
    const { limitMs, memoryMb } = this.#limits
    const heard = await within(limitMs + GRACE_MS, [answer, this.#exit])
    if (heard !== undefined && isAnswer(heard)) return heard
    this.#kill()
    const what =
      typeof heard === 'object'
        ? `ended its process (${heard.ended}): it may need more than ${memoryMb} MB of memory`
        : `took longer than ${limitMs} ms`
    return { failure: `${job.map.file}: the map ${what}` }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill()
    await this.#exit
  }

  async #starts(): Promise<boolean> {
    const ready = this.#hear((message) => message === 'ready')
    const started = (await within(START_MS, [ready, this.#exit])) === 'ready'
    if (!started) this.#kill()
    return started
  }

  /** The next such message. Its module says nothing but `MapMessage`. */
  #hear<T extends MapMessage>(isMeant: (message: MapMessage) => message is T): Promise<T> {
    return new Promise((resolve) => {
      const listen = (message: MapMessage) => {
        if (!isMeant(message)) return
        this.#child.off('message', listen)
        resolve(message)
      }
      this.#child.on('message', listen)
    })
  }

  #kill(): undefined {
    this.#alive = false
    this.#child.kill('SIGKILL')
  }
}

function isAnswer(heard: Heard): heard is MapAnswer {
  return typeof heard === 'object' && !('ended' in heard)
}

/** What comes first, or undefined when nothing comes in time. */
async function within(ms: number, first: readonly Promise<Heard>[]): Promise<Heard | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  try {
    return await Promise.race([...first, late])
  } finally {
    clearTimeout(timer)
  }
}
