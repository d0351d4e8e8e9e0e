import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { MusterError, messageOf } from '../../core/errors.ts'
import { type Files, systemCode } from '../../core/files.ts'
import type { ArchiveStore } from '../archive/store.ts'
import type { Batch, Position } from './batch.ts'
import { readHeader } from './frame.ts'
import { archiveFile, type Range } from './layout.ts'

const CHUNK_BYTES = 1024 * 1024

/** Reads a segment from `start` into the batch; returns where it stopped: at the end or when the batch was full. */
export async function readSegment(files: Files, file: string, start: Position, batch: Batch): Promise<Position> {
  await using handle = await files.open(file, 'read')
  const size = await handle.size()
  let position = start
  let wanted = CHUNK_BYTES
  while (!batch.full && position.offset < size) {
    const chunk = await handle.read(Math.min(wanted, size - position.offset), position.offset)
    const stop = batch.take(chunk, { ...position, offset: 0 })
    position = { offset: position.offset + stop.offset, sequence: stop.sequence }
    const needed = (readHeader(chunk, stop.offset)?.end ?? 0) - stop.offset
    const hopeless = needed <= chunk.length || needed > size - position.offset
    if (stop.offset === 0 && !batch.full && hopeless) throw damaged(file, position)
    wanted = Math.max(CHUNK_BYTES, needed)
  }
  return position
}

/** As `readSegment`, of a segment whose bytes are in memory; `file` is what an error names. */
export function readBytes(file: string, bytes: Buffer, start: Position, batch: Batch): Position {
  const stop = batch.take(bytes, start)
  if (!batch.full && stop.offset < bytes.length) throw damaged(file, stop)
  return stop
}

/** A segment's bytes from the archive: as many as a segment of the log has, whole in memory. */
export async function unpackSegment(archive: ArchiveStore, range: Range, signal?: AbortSignal): Promise<Buffer> {
  const name = archiveFile(range)
  try {
    return await pipeline(archive.read(name, signal), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      const unpacked: Buffer[] = []
      for await (const chunk of chunks) unpacked.push(chunk)
      return Buffer.concat(unpacked)
    })
  } catch (error) {
    if (!/^Z_/.test(String(systemCode(error)))) throw error
    const message = `${name} in ${archive.place} cannot be unpacked: ${messageOf(error)}`
    throw new MusterError('log_corrupt', message, { cause: error })
  }
}

/** The failure of a reader that found no whole record where one was acknowledged. */
export function damaged(file: string, { offset, sequence }: Position): MusterError {
  return new MusterError('log_corrupt', `${file} is damaged at byte ${offset}: record ${sequence} cannot be read`)
}
