/**
 * A child process that is started again whenever it ends, until it is closed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { type ErrorCode, MusterError, messageOf } from '../core/errors.ts'

/** What a child says over its IPC channel once it is up, or cannot come up. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly url?: string }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint: string }

export interface ChildOptions {
  readonly name: string
  /** Module to run, without its extension, relative to this folder. */
  readonly module: string
  /** Asked at each start. */
  readonly settings: () => object
  /** As for `os.setPriority`: from -20, the highest, to 19. */
  readonly priority: number
  /** Of Node. */
  readonly flags?: readonly string[]
  /** Added to the environment: unlike arguments, other users of the machine cannot read it. */
  readonly secrets?: Readonly<Record<string, string>>
  readonly logger: Logger
}

const FIRST_PAUSE_MS = 200
const MAX_PAUSE_MS = 5_000
const KILL_AFTER_MS = 20_000
/** A child that lived so long was healthy: the next pause is short again. */
const HEALTHY_MS = 10_000

export class Child implements AsyncDisposable {
  readonly #options: ChildOptions
  #process: ChildProcess | undefined
  #closed = false
  #pause = FIRST_PAUSE_MS

  constructor(options: ChildOptions) {
    this.#options = options
  }

  /** Of the process now running. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Starts it; resolves with what it says when ready, and rejects when its first start fails. */
  start(): Promise<{ readonly url: string }> {
    return new Promise((resolve, reject) => this.#spawn({ resolve, reject }))
  }

  /** Asks it to drain and waits; kills it when that takes too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const running = this.#process
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => running.kill('SIGKILL'), KILL_AFTER_MS)
      running.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      running.kill('SIGTERM')
    })
  }

  #spawn(first?: { resolve: (ready: { url: string }) => void; reject: (error: MusterError) => void }): void {
    const { name, module, settings, priority, flags = [], secrets, logger } = this.#options
    const here = fileURLToPath(import.meta.url)
    const path = fileURLToPath(new URL(`${module}${extname(here)}`, import.meta.url))
    const child = fork(path, [JSON.stringify(settings())], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, ...flags],
      env: { ...process.env, ...secrets },
    })
    this.#process = child
    if (child.pid !== undefined) prioritise(child.pid, priority, logger)
    const began = performance.now()
    let failure: MusterError | undefined
    let waiting = first
    child.on('message', (message) => {
      const said = message as ChildMessage // our own entry modules say nothing else
      if (said.type === 'failed') failure = new MusterError(said.code, said.message, { hint: said.hint })
      else waiting?.resolve({ url: said.url ?? '' })
      if (said.type === 'ready') waiting = undefined
    })
    child.once('error', (error) => {
      // It could not even be started: that is an end like any other.
      failure ??= new MusterError('internal', `The ${name} cannot be started: ${messageOf(error)}`, { cause: error })
      if (child.pid === undefined) child.emit('exit', null, null)
    })
    child.once('exit', (code, signal) => {
      if (this.#closed) return
      const how = failure?.message ?? (signal ? `killed by ${signal}` : `exit code ${code}`)
      if (waiting) return waiting.reject(failure ?? new MusterError('internal', `The ${name} did not start: ${how}.`))
      if (performance.now() - began > HEALTHY_MS) this.#pause = FIRST_PAUSE_MS
      logger.warn({ child: name, code, signal }, `the ${name} ended (${how}); starting it again in ${this.#pause} ms`)
      setTimeout(() => !this.#closed && this.#spawn(), this.#pause)
      this.#pause = Math.min(this.#pause * 2, MAX_PAUSE_MS)
    })
  }
}

function prioritise(pid: number, priority: number, logger: Logger): void {
  try {
    setPriority(pid, priority)
  } catch (error) {
    // It is gone already, or the system has no such thing: it works at the usual priority then.
    logger.warn({ err: error }, `cannot set the priority of process ${pid}`)
  }
}
