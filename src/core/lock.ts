import { dirname } from 'node:path'
import { makeFolder } from './durable-file.ts'
import { type Effects, systemEffects } from './effects.ts'
import { MusterError, messageOf } from './errors.ts'
import type { Unlock } from './file-lock.ts'
import type { Files } from './files.ts'

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

/**
 * Takes a lock on `file` that dies with the process. Who holds it is written to `<file>.holder`.
 * @throws MusterError `project_locked` when it is still held after `waitMs`, `folder_unwritable`
 */
export async function acquireLock(file: string, options: LockOptions): Promise<Lock> {
  const { waitMs, what = 'muster', effects = systemEffects } = options
  await makeFolder(dirname(file), effects.files)
  const deadline = effects.now().getTime() + waitMs
  for (;;) {
    const unlock = tryLock(file, effects.files)
    if (unlock !== undefined) return hold(file, what, unlock, effects)
    if (effects.now().getTime() >= deadline) throw locked(file, waitMs, effects.files)
    await effects.sleep(RETRY_MS)
  }
}

function tryLock(file: string, files: Files): Unlock | undefined {
  try {
    return files.lock(file)
  } catch (error) {
    throw new MusterError('folder_unwritable', `cannot lock ${file}: ${messageOf(error)}`, { cause: error })
  }
}

async function hold(file: string, what: string, unlock: Unlock, { files, now }: Effects): Promise<Lock> {
  const holder = `${file}.holder`
  const content = `${JSON.stringify({ pid: process.pid, what, since: now().toISOString() })}\n`
  // On a full disk the lock holds all the same; only its holder is not known by name.
  await overwrite(files, holder, content).catch(() => undefined)
  let held = true
  return {
    async release() {
      if (!held) return
      held = false
      await files.remove(holder).catch(() => undefined)
      unlock()
    },
  }
}

async function overwrite(files: Files, path: string, content: string): Promise<void> {
  await using file = await files.open(path, 'extend')
  await file.truncate(0)
  await file.write(Buffer.from(content), 0)
}

function locked(file: string, waitMs: number, files: Files): MusterError {
  return new MusterError('project_locked', `${file} is held by ${holderOf(file, files)}; waited ${waitMs} ms`)
}

function holderOf(file: string, files: Files): string {
  try {
    const holder: unknown = JSON.parse(files.readSync(`${file}.holder`).toString())
    if (typeof holder === 'object' && holder !== null && 'pid' in holder && 'what' in holder) {
      return `${holder.what} (process ${holder.pid})`
    }
  } catch {
    // The holder is between taking the lock and naming itself, or a user removed the file: the lock itself still holds.
  }
  return 'another process'
}
