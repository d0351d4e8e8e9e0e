/**
 * The worker: owns the warehouse, lands the log, answers the API, and activates. It listens on a Unix socket only.
 */
import { chmod, rm } from 'node:fs/promises'
import { createAdaptorServer } from '@hono/node-server'
import type { Logger } from 'pino'
import { createApi } from '../api/index.ts'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { writeRuntimeConfig } from '../gateway/index.ts'
import { Jobs, Workspace } from '../run/index.ts'
import { createApp } from './app.ts'
import { runtimeConfigOf, runtimeState } from './runtime.ts'
import type { WorkerSettings } from './worker-settings.ts'

const ARCHIVE_EVERY_MS = 30_000
const LOOK_EVERY_MS = 1_000
const DELETE_EVERY_MS = 60_000
const RETAIN_EVERY_MS = 60 * 60 * 1000

export async function startWorker(
  settings: WorkerSettings,
  token: string,
  effects: Effects,
  logger: Logger,
): Promise<AsyncDisposable> {
  const { dir, env, socketPath } = settings
  const workspace = await Workspace.open({ dir, env, effects, logger })
  const jobs = new Jobs(workspace, { alone: false })
  const stop = new AbortController()
  await workspace.suppressions.publish()
  await workspace.imports.resume()
  await workspace.replays.resume()
  await workspace.deletions.resume({ alone: false })
  const loops = [
    workspace.consumer.run(stop.signal),
    every(ARCHIVE_EVERY_MS, effects, stop.signal, logger, () =>
      workspace.archiving(() => workspace.archiver.run(stop.signal)),
    ),
    every(DELETE_EVERY_MS, effects, stop.signal, logger, () => workspace.deletions.resume({ alone: false })),
    every(RETAIN_EVERY_MS, effects, stop.signal, logger, async () => {
      await workspace.retain(stop.signal)
    }),
    every(LOOK_EVERY_MS, effects, stop.signal, logger, followProject(workspace, settings)),
  ]
  const app = createApp({ workspace, api: createApi({ workspace, jobs }), token })
  const server = createAdaptorServer({ fetch: app.fetch })
  await rm(socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  await chmod(socketPath, 0o600)
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      server.close()
      await Promise.all(loops)
      await jobs[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

/** Repeats work until the signal; a failure is logged and the next turn tries again. */
async function every(
  ms: number,
  effects: Effects,
  signal: AbortSignal,
  logger: Logger,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await effects.sleep(ms, signal).catch(() => {}) // only the signal ends a pause early
    if (signal.aborted) return
    await work().catch((error: unknown) => {
      // What people can mend needs no stack.
      const detail = error instanceof MusterError ? { code: error.code, hint: error.hint } : { err: error }
      logger.error(detail, messageOf(error))
    })
  }
}

/** Takes up a changed muster.yaml or map of it; an invalid one is said once, and the last good one stays in force. */
function followProject(workspace: Workspace, { runtimeFile }: WorkerSettings): () => Promise<void> {
  let seen = ''
  return async () => {
    const now = await runtimeState(workspace.definitions.project)
    if (now === seen) return
    seen = now
    const { project } = await workspace.refresh()
    await writeRuntimeConfig(runtimeFile, await runtimeConfigOf(project))
    workspace.logger.info('took up the changed muster.yaml')
  }
}
