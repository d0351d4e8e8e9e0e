import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'
import { type ArchiveStore, decodeRecord, encodeRecord, readFile } from '../log/index.ts'
import { type BatchNote, describeLines } from './import-archive.ts'

/** Where imports are in the archive: see import-archive.ts. */
const FOLDER = 'imports'
const BATCH = '.ndjson.gz'

/** Whether a line of an archived import is to go; called with each that is not erased yet. */
export type IsLineGone = (payload: Buffer) => boolean

export interface ImportErasure {
  readonly archive: ArchiveStore
  readonly isGone: IsLineGone
  /** Batches that hold no such line need not be read; absent: all are. */
  readonly mayHold?: (note: BatchNote) => boolean
  readonly signal?: AbortSignal | undefined
}

/** Replaces lines of archived imports by erased records, a batch in one step. Gives how many. */
export async function eraseImports({ archive, isGone, mayHold = () => true, signal }: ImportErasure): Promise<number> {
  let erased = 0
  for (const id of await archive.list(FOLDER, signal)) {
    for (const file of await archive.list(`${FOLDER}/${id}`, signal)) {
      const name = `${FOLDER}/${id}/${file}`
      if (!name.endsWith(BATCH)) continue
      // Written with the batch.
      const note = JSON.parse((await readFile(archive, noteOf(name), signal)).toString()) as BatchNote
      if (mayHold(note)) erased += await eraseBatch(archive, name, isGone, signal)
    }
  }
  return erased
}

async function eraseBatch(archive: ArchiveStore, name: string, isGone: IsLineGone, signal: AbortSignal | undefined) {
  const text = (await promisify(gunzip)(await readFile(archive, name, signal))).toString('utf8')
  let erased = 0
  const lines = text.split('\n').map((line) => {
    if (line === '') return line
    const { position, ...record } = { position: undefined, ...decodeRecord(Buffer.from(line)) }
    if (record.kind === 'erased' || !isGone(Buffer.from(line))) return line
    erased += 1
    return erasedLine(record.source, record.receivedAt, position)
  })
  if (erased > 0) await replaceBatch(archive, name, Buffer.from(lines.join('\n')), signal)
  return erased
}

/** Its position in the file stays, as the last member. */
function erasedLine(source: string | null, receivedAt: string, position: unknown): string {
  const payload = encodeRecord({ kind: 'erased', source, receivedAt, requestIp: '' }).toString('utf8')
  return `${payload.slice(0, -1)},"position":${JSON.stringify(position ?? null)}}`
}

async function replaceBatch(archive: ArchiveStore, name: string, text: Buffer, signal: AbortSignal | undefined) {
  const packed = await promisify(gzip)(text, { level: constants.Z_BEST_SPEED })
  const noteName = noteOf(name)
  // Written with the batch; of what is erased it says nothing.
  const note = JSON.parse((await readFile(archive, noteName, signal)).toString()) as BatchNote
  const lines = text.toString('utf8').split('\n')
  const now: BatchNote = {
    ...note,
    bytes: text.length,
    packedBytes: packed.length,
    ...describeLines(lines.map((line) => Buffer.from(line))),
  }
  await archive.write(noteName, Buffer.from(`${JSON.stringify(now)}\n`), signal)
  await archive.write(name, packed, signal)
}

const noteOf = (name: string): string => `${name.slice(0, -BATCH.length)}.json`
