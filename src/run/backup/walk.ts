import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../../core/files.ts'

/** Paths of all files under a folder, relative to it, but for what `skip` says by relative path and name; links to folders are not followed. */
export async function* walk(
  folder: string,
  skip: (path: string, name: string) => boolean,
  within = '',
): AsyncGenerator<string> {
  for (const entry of await entriesOf(join(folder, within))) {
    const path = within === '' ? entry.name : `${within}/${entry.name}`
    if (skip(path, entry.name)) continue
    if (entry.isDirectory()) yield* walk(folder, skip, path)
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(folder, path))))) yield path
  }
}

/** A folder that is not there has no files. */
async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
