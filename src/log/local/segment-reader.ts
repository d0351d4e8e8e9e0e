import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { MusterError, messageOf } from '../../core/errors.ts'
import { type Files, readWhole } from '../../core/files.ts'
import type { Batch, Position } from './batch.ts'
import { readHeader } from './frame.ts'

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

/** A segment's bytes from the archive. */
export async function unpackSegment(files: Files, file: string): Promise<Buffer> {
  const packed = await readWhole(files, file)
  try {
    return await promisify(gunzip)(packed)
  } catch (error) {
    throw new MusterError('log_corrupt', `${file} cannot be unpacked: ${messageOf(error)}`, { cause: error })
  }
}

/** The failure of a reader that found no whole record where one was acknowledged. */
export function damaged(file: string, { offset, sequence }: Position): MusterError {
  return new MusterError('log_corrupt', `${file} is damaged at byte ${offset}: record ${sequence} cannot be read`)
}
