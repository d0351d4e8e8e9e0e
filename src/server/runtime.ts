import type { RuntimeConfig } from '../gateway/index.ts'
import type { Project } from '../project/index.ts'
import { serverPaths } from './paths.ts'

/** What the collector must know of the project. */
export function runtimeConfigOf(project: Project): RuntimeConfig {
  const sources = Object.values(project.sources).map(({ name, writeKey }) => ({ name, writeKey }))
  return { version: 1, sources, socketPath: serverPaths(project).socket }
}
