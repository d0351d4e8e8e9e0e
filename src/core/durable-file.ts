import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { type Files, isMissing, systemCode, systemFiles } from './files.ts'

/** How the name of a file ends that is not yet what its beginning says; a crash may leave one behind. */
export const DRAFT = '.tmp'

export interface DurableFileOptions {
  /** 0o644 when absent. */
  readonly mode?: number
  readonly files?: Files
}

/** Replaces `file` in one step: after a crash it holds the old content or the new, whole and on disk. */
export async function writeDurably(
  file: string,
  content: string | Uint8Array,
  { mode = 0o644, files = systemFiles }: DurableFileOptions = {},
): Promise<void> {
  await makeFolder(dirname(file), files)
  const draft = `${file}.${randomUUID()}${DRAFT}`
  try {
    await writeSynced(files, draft, Buffer.from(content), mode)
    await files.rename(draft, file)
  } catch (error) {
    // The first failure is the one to report.
    await files.remove(draft).catch(() => undefined)
    throw error
  }
  await files.syncFolder(dirname(file))
}

/**
 * Creates `folder` with its parents; it survives a crash, whoever made it. Each folder is durable before anything is put
 * into it, so that what a killed process left behind is found and synced by the next.
 */
export async function makeFolder(folder: string, files: Files = systemFiles): Promise<void> {
  const parent = dirname(folder)
  if (await exists(files, folder)) return syncEntry(files, parent)
  await makeFolder(parent, files)
  await files.makeFolder(folder)
  await files.syncFolder(parent)
}

async function exists(files: Files, folder: string): Promise<boolean> {
  try {
    await files.list(folder)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** A parent that cannot be opened or synced is not one where Muster made the folder. */
async function syncEntry(files: Files, parent: string): Promise<void> {
  try {
    await files.syncFolder(parent)
  } catch (error) {
    if (!['EACCES', 'EINVAL'].includes(String(systemCode(error)))) throw error
  }
}

async function writeSynced(files: Files, file: string, content: Uint8Array, mode: number): Promise<void> {
  await using handle = await files.open(file, 'create', mode)
  await handle.write(content, 0)
  await handle.sync()
}
