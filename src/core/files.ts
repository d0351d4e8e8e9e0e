import { constants, readFileSync, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { tryFileLock, type Unlock } from './file-lock.ts'

/**
 * The file work that durability rests on; what fails, fails with the system's code (`ENOENT`, `ENOSPC` …).
 * A write lasts once its file was synced, a file's name once its folder was.
 */
export interface Files {
  /** `read`: an existing file; `extend`: to read and write, made when missing; `create`: as `extend`, but it must be new. */
  open(path: string, how: 'read' | 'extend' | 'create', mode?: number): Promise<OpenFile>
  /** All of a small file, without giving other work its turn. */
  readSync(path: string): Buffer
  /** Names of what is in a folder, in any order. */
  list(folder: string): Promise<string[]>
  /** Replaces `to` in one step. */
  rename(from: string, to: string): Promise<void>
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>
  /** One folder, whose parent exists; does nothing when it is there. */
  makeFolder(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
  /** Locks the file until it is unlocked or the process ends; undefined while another holds it. */
  lock(path: string): Unlock | undefined
}

export interface OpenFile extends AsyncDisposable {
  /** Fewer bytes at the file's end. */
  read(length: number, position: number): Promise<Buffer>
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Writes few bytes at once, without giving other work its turn. */
  writeSync(bytes: Uint8Array, position: number): void
  truncate(size: number): Promise<void>
  /** Resolves when all that was written is on the disk. */
  sync(): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

export const systemFiles: Files = {
  open: async (path, how, mode = 0o644) => new SystemFile(await open(path, flags[how], mode)),
  readSync: (path) => readFileSync(path),
  list: (folder) => readdir(folder),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  async makeFolder(path) {
    await mkdir(path).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error
    })
  },
  async syncFolder(path) {
    await using folder = await open(path, 'r')
    await folder.sync()
  },
  lock: tryFileLock,
}

const flags = {
  read: constants.O_RDONLY,
  extend: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
}

class SystemFile implements OpenFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async read(length: number, position: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(length)
    for (let filled = 0; filled < length; ) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) return buffer.subarray(0, filled)
      filled += bytesRead
    }
    return buffer
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const result = await this.#handle.write(bytes, written, bytes.length - written, position + written)
      written += result.bytesWritten
    }
  }

  writeSync(bytes: Uint8Array, position: number): void {
    writeSync(this.#handle.fd, bytes, 0, bytes.length, position)
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size)
  }

  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** All of a file. */
export async function readWhole(files: Files, path: string): Promise<Buffer> {
  await using file = await files.open(path, 'read')
  return await file.read(await file.size(), 0)
}

/** The operating system's code of a failed call. */
export function systemCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Whether a call failed because the file is not there. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT'
}
