import { crc32 } from 'node:zlib'

/**
 * A record on disk, all numbers little-endian:
 *
 *    0  u32  CRC-32 of all that follows
 *    4  u32  bytes of the payload
 *    8  u48  sequence
 *   14  u16  partition
 *   16  u32  place: records of its group before it
 *   20       payload
 *
 * A group is written only when the one before is durable, so a whole frame proves every earlier group durable.
 */
export interface FrameHeader {
  readonly sequence: number
  readonly partition: number
  readonly place: number
  /** Where the next frame starts. */
  readonly end: number
}

export interface Frame extends FrameHeader {
  /** Shares memory with what it was read from. */
  readonly payload: Buffer
}

export const HEADER_BYTES = 20
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024

/** Writes a frame at `at` and returns where the next one starts. */
export function writeFrame(target: Buffer, at: number, frame: Omit<FrameHeader, 'end'>, payload: Uint8Array): number {
  const end = at + HEADER_BYTES + payload.length
  target.writeUInt32LE(payload.length, at + 4)
  target.writeUIntLE(frame.sequence, at + 8, 6)
  target.writeUInt16LE(frame.partition, at + 14)
  target.writeUInt32LE(frame.place, at + 16)
  target.set(payload, at + HEADER_BYTES)
  target.writeUInt32LE(crc32(target.subarray(at + 4, end)), at)
  return end
}

/** What stands at `at` if it is a header, unverified; undefined when too few bytes follow or it cannot be one. */
export function readHeader(source: Buffer, at: number): FrameHeader | undefined {
  if (at + HEADER_BYTES > source.length) return undefined
  const length = source.readUInt32LE(at + 4)
  if (length > MAX_PAYLOAD_BYTES) return undefined
  return {
    sequence: source.readUIntLE(at + 8, 6),
    partition: source.readUInt16LE(at + 14),
    place: source.readUInt32LE(at + 16),
    end: at + HEADER_BYTES + length,
  }
}

/** The frame at `at`, verified; undefined when it is cut or damaged. */
export function readFrame(source: Buffer, at: number): Frame | undefined {
  const header = readHeader(source, at)
  if (header === undefined || header.end > source.length) return undefined
  if (source.readUInt32LE(at) !== crc32(source.subarray(at + 4, header.end))) return undefined
  return { ...header, payload: source.subarray(at + HEADER_BYTES, header.end) }
}
