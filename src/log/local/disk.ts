import type { FileHandle } from 'node:fs/promises'

/** The two calls that durability rests on; tests pass ones that fail or lie. */
export interface Disk {
  /** Writes all of `bytes` at `position`. */
  write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void>
  /** Resolves when all that was written is on the disk. */
  sync(file: FileHandle): Promise<void>
}

export const systemDisk: Disk = {
  async write(file, bytes, position) {
    for (let written = 0; written < bytes.length; ) {
      const result = await file.write(bytes, written, bytes.length - written, position + written)
      written += result.bytesWritten
    }
  },
  sync: (file) => file.datasync(),
}
