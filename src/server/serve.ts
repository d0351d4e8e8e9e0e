/**
 * Serving: one supervisor that starts the collector and the worker, and starts each again when it ends.
 */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { acquireLock } from '../core/lock.ts'
import { COLLECTOR_FLAGS, writeRuntimeConfig } from '../gateway/index.ts'
import { archivedThrough, openArchive } from '../log/index.ts'
import { requireProject } from '../project/index.ts'
import { Child } from './child.ts'
import { serverPaths } from './paths.ts'
import { runtimeConfigOf } from './runtime.ts'
import { removeServerFile, writeServerFile } from './server-file.ts'
import { WORKER_TOKEN, type WorkerSettings } from './worker-settings.ts'

export interface ServeOptions {
  readonly dir: string
  readonly env: string
  /** Overrides the project's. */
  readonly port?: number | undefined
  readonly effects: Effects
  readonly logger: Logger
}

export interface Serving extends AsyncDisposable {
  readonly url: string
  readonly token: string
}

const LOCK_WAIT_MS = 2_000
/** Where both want the processor, collection goes first: clients wait for it. Lower still, and other programs would starve the worker. */
const WORKER_PRIORITY = 5

/** Starts both processes; resolves when both are ready. Throws `project_invalid`, `project_locked`, `port_busy`. */
export async function serve({ dir, env, port, effects, logger }: ServeOptions): Promise<Serving> {
  const project = await requireProject(dir, { env, variables: effects.env })
  const paths = serverPaths(project)
  const folder = join(project.root, '.muster')
  await writing(folder, () => mkdir(folder, { recursive: true }))
  const lock = await acquireLock(paths.lock, { waitMs: LOCK_WAIT_MS })
  const archive = openArchive(project.log.archive, effects)
  const numbered = await archivedThrough({ dir: project.log.dir, archive, effects }).catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  const token = randomBytes(24).toString('base64url')
  let listenPort = port ?? project.listen.port
  const collector = new Child({
    name: 'collector',
    module: '../gateway/collector-main',
    logger,
    priority: constants.priority.PRIORITY_NORMAL,
    flags: COLLECTOR_FLAGS,
    settings: () => ({
      dir: project.log.dir,
      archivedThrough: numbered,
      maxDiskBytes: project.log.maxDiskBytes,
      runtimeFile: paths.runtime,
      socketPath: paths.socket,
      host: project.listen.host,
      port: listenPort,
    }),
  })
  const settings: WorkerSettings = {
    dir: project.root,
    env,
    socketPath: paths.socket,
    runtimeFile: paths.runtime,
  }
  const worker = new Child({
    name: 'worker',
    module: './worker-main',
    logger,
    priority: WORKER_PRIORITY,
    secrets: { [WORKER_TOKEN]: token },
    settings: () => settings,
  })
  const close = async () => {
    await removeServerFile(project.root)
    await collector[Symbol.asyncDispose]()
    await worker[Symbol.asyncDispose]()
    await lock.release()
  }
  try {
    const config = await runtimeConfigOf(project)
    await writing(folder, () => writeRuntimeConfig(paths.runtime, config))
    const [{ url }] = await Promise.all([collector.start(), worker.start()])
    // A collector started again keeps the port that clients know, also when it was any free one.
    listenPort = Number(new URL(url).port)
    await writing(folder, () => writeServerFile(project.root, { pid: process.pid, url, token }))
    return { url, token, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function writing(folder: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new MusterError('folder_unwritable', `Cannot write to ${folder}: ${messageOf(error)}.`, { cause: error })
  }
}
