import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findPackageRoot } from '../core/package-root.ts'

/** Folders of connectors that hold this file: Muster's own, then those of the project, by name. Absolute. */
export async function connectorFolders(file: string, projectDir?: string): Promise<readonly string[]> {
  const parents = [findPackageRoot(), ...(projectDir === undefined ? [] : [projectDir])]
  const found = await Promise.all(parents.map((parent) => foldersIn(join(parent, 'connectors'), file)))
  return found.flat()
}

async function foldersIn(parent: string, file: string): Promise<readonly string[]> {
  if (!existsSync(parent)) return []
  const entries = await readdir(parent, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name))
  return folders.filter((folder) => existsSync(join(folder, file))).sort()
}
