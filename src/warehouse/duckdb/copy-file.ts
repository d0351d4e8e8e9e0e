import { constants, copyFile, open } from 'node:fs/promises'
import { MusterError, messageOf } from '../../core/errors.ts'
import { isMissing } from '../../core/files.ts'

/**
 * Copies the file of a database that nobody has open; its write-ahead log too, which closing it leaves behind where it could
 * not be merged. Throws `warehouse_failed`.
 */
export async function copyDatabaseFile(from: string, to: string): Promise<void> {
  try {
    await copySynced(from, to)
    await copySynced(`${from}.wal`, `${to}.wal`).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
  } catch (error) {
    throw new MusterError('warehouse_failed', `The DuckDB file cannot be copied to ${to}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function copySynced(from: string, to: string): Promise<void> {
  // Where the file system can share blocks it takes no time, and sessions wait meanwhile.
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  await using file = await open(to, 'r+')
  await file.sync()
}
