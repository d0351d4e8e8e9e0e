/**
 * Entry of the worker process: settings as JSON in its one argument; says `ready` or `failed` over IPC.
 */
import { randomUUID } from 'node:crypto'
import { systemEffects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import type { ChildMessage } from './child.ts'
import { createLogger } from './logger.ts'
import { startWorker } from './worker.ts'
import { WORKER_TOKEN, type WorkerSettings } from './worker-settings.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings // from serve.ts
const logger = createLogger('worker')
const say = (message: ChildMessage) => process.send?.(message)

try {
  const worker = await startWorker(settings, process.env[WORKER_TOKEN] ?? randomUUID(), systemEffects, logger)
  const stop = async () => {
    await worker[Symbol.asyncDispose]()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', () => {}) // a terminal's Ctrl-C reaches the whole group; the supervisor decides
  process.once('disconnect', stop)
  say({ type: 'ready' })
} catch (error) {
  if (error instanceof MusterError) say({ type: 'failed', code: error.code, message: error.message, hint: error.hint })
  else {
    logger.error({ err: error }, messageOf(error))
    say({ type: 'failed', code: 'internal', message: messageOf(error), hint: '' })
  }
  process.exitCode = 1
  process.disconnect?.()
}
