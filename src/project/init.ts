import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MusterError, messageOf } from '../core/errors.ts'
import { codeOf } from './text-file.ts'

const TEMPLATE = fileURLToPath(new URL('./template/', import.meta.url))

/**
 * Writes a small project into a folder, made if need be, and gives the files written. Files that are there stay as they
 * are. Throws `usage` when the folder holds a project, `folder_unwritable` when it cannot be written.
 */
export async function initProject(dir: string): Promise<readonly string[]> {
  if (await exists(join(dir, 'muster.yaml'))) {
    throw new MusterError('usage', `${dir} holds a project already: there is a muster.yaml.`, {
      hint: 'Name a new folder.',
    })
  }
  const written: string[] = []
  for (const file of await templateFiles()) {
    // npm leaves files of the name .gitignore out of packages.
    const target = file === 'gitignore' ? '.gitignore' : file
    if (await copyNew(join(TEMPLATE, file), join(dir, target), dir)) written.push(target)
  }
  return written
}

async function templateFiles(): Promise<readonly string[]> {
  const entries = await readdir(TEMPLATE, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(TEMPLATE, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** Whether the file was not there and is now. */
async function copyNew(from: string, to: string, dir: string): Promise<boolean> {
  try {
    await mkdir(dirname(to), { recursive: true })
    await copyFile(from, to, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await exists(to))) return false
    throw new MusterError('folder_unwritable', `Cannot write to ${dir}: ${messageOf(error)}`, { cause: error })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false
    throw new MusterError('folder_unwritable', `Cannot look into ${path}: ${messageOf(error)}`, { cause: error })
  }
}
