import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../../core/durable-file.ts'
import { systemFiles } from '../../core/files.ts'

const CHUNK = 1024 * 1024

export interface Content {
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** Copies a file that may be growing, as it is now, to one that must be new; afterwards it is on disk. */
export async function copyHashed(from: string, to: string, signal: AbortSignal): Promise<Content> {
  await makeFolder(dirname(to))
  await using source = await open(from, 'r')
  await using target = await open(to, 'wx')
  const content = await readHashed(source, signal, (chunk) => writeWhole(target, chunk))
  await target.sync()
  await systemFiles.syncFolder(dirname(to))
  return content
}

/** What a file holds. */
export async function hashOf(path: string, signal: AbortSignal): Promise<Content> {
  await using source = await open(path, 'r')
  return await readHashed(source, signal, async () => undefined)
}

async function readHashed(
  source: FileHandle,
  signal: AbortSignal,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<Content> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(CHUNK)
  let bytes = 0
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await source.read(buffer, 0, CHUNK, bytes)
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') }
    const chunk = buffer.subarray(0, bytesRead)
    hash.update(chunk)
    await take(chunk)
    bytes += bytesRead
  }
}

async function writeWhole(target: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await target.write(chunk, written)).bytesWritten
  }
}
