import { MusterError, messageOf } from '../../core/errors.ts'
import { requireEmpty } from './backup.ts'
import { type Content, copyHashed, hashOf } from './copy-file.ts'
import { type BackedUpFile, filesFolder, type Manifest, readManifest } from './manifest.ts'
import { pathIn } from './parts.ts'

/** Files named in a message; the others are counted. */
const NAMED = 5

/** Reads every file of a backup. Throws `backup_damaged`, naming those that are not what they were. */
export async function verifyBackup(backup: string, signal: AbortSignal): Promise<Manifest> {
  const manifest = await readManifest(backup)
  const faults: string[] = []
  for (const file of manifest.files) {
    const fault = await faultOf(backup, file, signal)
    if (fault !== undefined) faults.push(fault)
  }
  if (faults.length === 0) return manifest
  const others = faults.length > NAMED ? `, and ${faults.length - NAMED} more` : ''
  throw new MusterError(
    'backup_damaged',
    `The backup ${backup} is damaged: ${faults.slice(0, NAMED).join(', ')}${others}.`,
  )
}

/** Puts a backup's files into a new or empty folder, on disk, once all are known to be whole. */
export async function restoreBackup(backup: string, to: string, signal: AbortSignal): Promise<Manifest> {
  await requireEmpty(to)
  const manifest = await verifyBackup(backup, signal)
  for (const file of manifest.files) {
    const copied = await copyHashed(pathIn(filesFolder(backup), file.path), pathIn(to, file.path), signal)
    // It was whole a moment ago: the disk is failing.
    if (!isSame(file, copied)) {
      throw new MusterError('backup_damaged', `${file.path} of ${backup} was read twice and differed.`, {
        hint: `Remove ${to} and restore from another disk.`,
      })
    }
  }
  return manifest
}

async function faultOf(backup: string, file: BackedUpFile, signal: AbortSignal): Promise<string | undefined> {
  const path = pathIn(filesFolder(backup), file.path)
  try {
    return isSame(file, await hashOf(path, signal)) ? undefined : `${path} has changed`
  } catch (error) {
    signal.throwIfAborted()
    return `${path} cannot be read (${messageOf(error)})`
  }
}

function isSame(file: BackedUpFile, { bytes, sha256 }: Content): boolean {
  return file.bytes === bytes && file.sha256 === sha256
}
