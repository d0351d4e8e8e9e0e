import { dirname } from 'node:path'
import { SimulatedFile } from './simulated-file.ts'
import { type Entry, SimulatedFolder } from './simulated-folder.ts'

/** The folder and name that a path means; its entry when there is one. */
export interface Place {
  readonly folder: SimulatedFolder
  readonly name: string
  readonly entry: Entry | undefined
}

export function placeOf(root: SimulatedFolder, path: string): Place {
  const folder = folderAt(root, dirname(path))
  const name = path.slice(path.lastIndexOf('/') + 1)
  return { folder, name, entry: folder.entries.get(name) }
}

export function folderAt(root: SimulatedFolder, path: string): SimulatedFolder {
  let folder = root
  for (const name of path.split('/').filter((part) => part !== '')) {
    const entry = folder.entries.get(name)
    if (entry === undefined) throw systemError('ENOENT', path)
    if (entry instanceof SimulatedFile) throw systemError('ENOTDIR', path)
    folder = entry
  }
  return folder
}

export function fileAt(root: SimulatedFolder, path: string): SimulatedFile {
  const { entry } = placeOf(root, path)
  if (entry === undefined) throw systemError('ENOENT', path)
  if (entry instanceof SimulatedFolder) throw systemError('EISDIR', path)
  return entry
}

/** Bytes of all files. */
export function usedBytes(entry: Entry): number {
  if (entry instanceof SimulatedFile) return entry.content.length
  return [...entry.entries.values()].reduce((sum, child) => sum + usedBytes(child), 0)
}

export function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, '${path}'`), { code })
}
