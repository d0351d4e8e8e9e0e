import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Effects, systemEffects } from './effects.ts'
import { MusterError, messageOf } from './errors.ts'

export interface LockOptions {
  /** How long to wait for the present holder. */
  readonly waitMs: number
  /** What the holder is, as another process's error names it: `muster serve`. */
  readonly what?: string
  readonly effects?: Effects
}

export interface Lock {
  release(): Promise<void>
}

const RETRY_MS = 50
const SQLITE_BUSY = 5

/**
 * Takes an operating-system lock on `file` that dies with the process, through SQLite's exclusive file lock.
 * Nothing else in this process may open `file`: closing any descriptor of it gives the lock up (POSIX).
 * Who holds it is written to `<file>.holder`.
 * @throws MusterError `project_locked` when it is still held after `waitMs`
 */
export async function acquireLock(file: string, options: LockOptions): Promise<Lock> {
  const { waitMs, what = 'muster', effects = systemEffects } = options
  await mkdir(dirname(file), { recursive: true })
  const deadline = effects.now().getTime() + waitMs
  for (;;) {
    const database = tryLock(file)
    if (database !== undefined) return hold(file, what, database, effects)
    if (effects.now().getTime() >= deadline) throw locked(file, waitMs)
    await effects.sleep(RETRY_MS)
  }
}

function tryLock(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive')
    return database
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw new MusterError('folder_unwritable', `cannot lock ${file}: ${messageOf(error)}`, { cause: error })
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

function hold(file: string, what: string, database: DatabaseSync, effects: Effects): Lock {
  const holder = `${file}.holder`
  writeFileSync(holder, `${JSON.stringify({ pid: process.pid, what, since: effects.now().toISOString() })}\n`)
  let held = true
  return {
    async release() {
      if (!held) return
      held = false
      rmSync(holder, { force: true })
      database.close()
    },
  }
}

function locked(file: string, waitMs: number): MusterError {
  return new MusterError('project_locked', `${file} is held by ${holderOf(file)}; waited ${waitMs} ms`)
}

function holderOf(file: string): string {
  try {
    const holder: unknown = JSON.parse(readFileSync(`${file}.holder`, 'utf8'))
    if (typeof holder === 'object' && holder !== null && 'pid' in holder && 'what' in holder) {
      return `${holder.what} (process ${holder.pid})`
    }
  } catch {
    // The holder is between taking the lock and naming itself, or a user removed the file: the lock itself still holds.
  }
  return 'another process'
}
