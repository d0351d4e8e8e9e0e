import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Project } from '../project/index.ts'

/** Longer socket paths are cut or refused by the operating system. */
const MAX_SOCKET_PATH = 100

export interface ServerPaths {
  /** Held by the process that owns the project. */
  readonly lock: string
  /** The runtime configuration that the worker writes and the collector reads. */
  readonly runtime: string
  /** Where the worker listens. */
  readonly socket: string
}

export function serverPaths({ root }: Pick<Project, 'root'>): ServerPaths {
  const folder = join(root, '.muster')
  return { lock: join(folder, 'lock'), runtime: join(folder, 'runtime.json'), socket: socketPath(folder) }
}

function socketPath(folder: string): string {
  const path = join(folder, 'worker.sock')
  if (path.length <= MAX_SOCKET_PATH) return path
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  return join(tmpdir(), `muster-${userInfo().uid}-${hash}.sock`)
}
