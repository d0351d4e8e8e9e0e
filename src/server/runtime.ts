import { type RuntimeConfigInput, suppressionsFile } from '../gateway/index.ts'
import type { Project } from '../project/index.ts'
import { serverPaths } from './paths.ts'

/** What the collector must know of the project. */
export function runtimeConfigOf(project: Project): RuntimeConfigInput {
  const { trustedProxies, publicUrl } = project.listen
  return {
    version: 1,
    sources: Object.values(project.sources).map(({ file: _, line: __, column: ___, ...source }) => source),
    socketPath: serverPaths(project).socket,
    suppressionsFile: suppressionsFile(project.root, project.env),
    trustedProxies,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  }
}
