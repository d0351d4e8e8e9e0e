/**
 * Operations by this process, which owns the project meanwhile.
 */
import { createApi } from '../api/index.ts'
import { acquireLock } from '../core/lock.ts'
import { Jobs, Workspace } from '../run/index.ts'
import type { OperationsOptions } from './operations.ts'
import { serverPaths } from './paths.ts'
import { type Operations, operationsBy } from './sent-operations.ts'

const LOCK_WAIT_MS = 10_000

/** Takes the project and goes on with what was interrupted. Throws `project_locked`. */
export async function localOperations(options: OperationsOptions): Promise<Operations> {
  const lock = await acquireLock(serverPaths({ root: options.dir }).lock, { waitMs: LOCK_WAIT_MS })
  try {
    const workspace = await Workspace.open(options)
    await workspace.imports.resume()
    await workspace.replays.resume()
    await workspace.deletions.resume({ alone: true })
    const jobs = new Jobs(workspace, { alone: true })
    const api = createApi({ workspace, jobs })
    return {
      remote: false,
      ...operationsBy(async (request) => api.fetch('http://muster.local/graphql', request), options.effects),
      [Symbol.asyncDispose]: async () => {
        await jobs[Symbol.asyncDispose]()
        await workspace[Symbol.asyncDispose]()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}
