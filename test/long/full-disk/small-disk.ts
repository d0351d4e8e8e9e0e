import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A real file system of a few MiB, in memory. */
export interface SmallDisk extends Disposable {
  readonly folder: string
  readonly resize: (mebibytes: number) => void
}

/** Throws where this user or system may not mount one. */
export function mountSmallDisk(mebibytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'muster-full-disk-'))
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder)
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
  return {
    folder,
    resize: (size) => run('mount', '-o', `remount,size=${size}m`, folder),
    [Symbol.dispose]() {
      run('umount', folder)
      rmSync(folder, { recursive: true })
    },
  }
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'pipe' })
}
