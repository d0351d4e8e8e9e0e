import { createReadStream, type ReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

/** Longer lines, and longer rows of several lines, are refused: characters. */
export const MAX_LINE = 4 * 1024 * 1024
/** What is kept of a line that is too long. */
const KEPT = 1000
const CHUNK = 1024 * 1024
const GZIP = '.gz'

export interface FileLine {
  /** Counted from 1. */
  readonly line: number
  /** Bytes of the file read so far, packed where it is. */
  readonly bytes: number
  /** Without its end; only its beginning where it is too long. */
  readonly text: string
  readonly tooLong: boolean
}

/** The name of a file without the ending that says it is packed. */
export function unpackedName(path: string): string {
  return isPacked(path) ? path.slice(0, -GZIP.length) : path
}

/** The lines of a UTF-8 text file, unpacked where its name ends in `.gz`, each at most `MAX_LINE` characters in memory. */
export async function* fileLines(path: string): AsyncIterable<FileLine> {
  const file = createReadStream(path, { highWaterMark: CHUNK })
  const gathered = new Gathered()
  let line = 1
  for await (const chunk of textOf(path, file)) {
    const [first = '', ...others] = (line === 1 && gathered.length === 0 ? chunk.replace(/^\ufeff/, '') : chunk).split(
      '\n',
    )
    gathered.add(first)
    for (const text of others) {
      yield { line, bytes: file.bytesRead, ...gathered.take() }
      line += 1
      gathered.add(text)
    }
  }
  if (gathered.length > 0) yield { line, bytes: file.bytesRead, ...gathered.take() }
}

function textOf(path: string, file: ReadStream): AsyncIterable<string> {
  if (!isPacked(path)) return file.setEncoding('utf8') as AsyncIterable<string> // an encoding is set
  const unpacked = createGunzip({ chunkSize: CHUNK })
  pipeline(file, unpacked).catch(() => {}) // what fails ends `unpacked` with the same error
  return unpacked.setEncoding('utf8') as AsyncIterable<string> // an encoding is set
}

function isPacked(path: string): boolean {
  return path.toLowerCase().endsWith(GZIP)
}

/** A line that comes in pieces: they are joined once. */
class Gathered {
  length = 0
  #pieces: string[] = []

  add(piece: string): void {
    this.length += piece.length
    this.#pieces.push(piece)
    if (this.length > MAX_LINE)
      this.#pieces = [
        this.#pieces
          .map((part) => part.slice(0, KEPT))
          .join('')
          .slice(0, KEPT),
      ]
  }

  take(): Pick<FileLine, 'text' | 'tooLong'> {
    const taken = { text: this.#pieces.join(''), tooLong: this.length > MAX_LINE }
    this.#pieces = []
    this.length = 0
    return taken
  }
}
