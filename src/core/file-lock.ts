import { DatabaseSync } from 'node:sqlite'

export type Unlock = () => void

const SQLITE_BUSY = 5

/**
 * Takes an operating-system lock that dies with the process, through SQLite's exclusive file lock; undefined while it
 * is held. Nothing else in this process may open `file`: closing any descriptor of it gives the lock up (POSIX).
 */
export function tryFileLock(file: string): Unlock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive')
    return () => database.close()
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
