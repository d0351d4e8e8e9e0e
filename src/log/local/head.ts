import { crc32 } from 'node:zlib'
import { type Files, isMissing, type OpenFile } from '../../core/files.ts'
import { headFile } from './layout.ts'

/** The durable end of the log. */
export interface Head {
  /** Last durable sequence; 0 for an empty log. */
  readonly sequence: number
  /** First sequence of the segment that holds it, and the durable bytes of that segment. */
  readonly segment: number
  readonly bytes: number
}

const NOTHING: Head = { sequence: 0, segment: 1, bytes: 0 }
const SIZE = 22
const TRIES = 20

/**
 * Publishes the durable end to readers in other processes. It is overwritten in place and without a sync of its own:
 * losing the latest value costs nothing, the writer finds the true end again when it opens.
 */
export class HeadPublisher {
  readonly #file: OpenFile
  readonly #buffer = Buffer.alloc(SIZE)

  private constructor(file: OpenFile) {
    this.#file = file
  }

  static async open(files: Files, dir: string): Promise<HeadPublisher> {
    return new HeadPublisher(await files.open(headFile(dir), 'extend'))
  }

  publish(head: Head): void {
    encode(this.#buffer, head)
    this.#file.writeSync(this.#buffer, 0)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** The published end; that of an empty log while no writer has published one since the last crash of the machine. */
export function readHead(files: Files, dir: string): Head {
  // A read may fall into the middle of a write of the same bytes; the next one finds it whole.
  for (let tries = 0; tries < TRIES; tries++) {
    const head = decode(contentOf(files, headFile(dir)))
    if (head !== undefined) return head
  }
  return NOTHING
}

function contentOf(files: Files, file: string): Buffer {
  try {
    return files.readSync(file)
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0)
    throw error
  }
}

function encode(buffer: Buffer, { sequence, segment, bytes }: Head): void {
  buffer.writeUIntLE(sequence, 4, 6)
  buffer.writeUIntLE(segment, 10, 6)
  buffer.writeUIntLE(bytes, 16, 6)
  buffer.writeUInt32LE(crc32(buffer.subarray(4)), 0)
}

function decode(content: Buffer): Head | undefined {
  if (content.length === 0) return NOTHING
  if (content.length !== SIZE || content.readUInt32LE(0) !== crc32(content.subarray(4))) return undefined
  return { sequence: content.readUIntLE(4, 6), segment: content.readUIntLE(10, 6), bytes: content.readUIntLE(16, 6) }
}
