import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'
import { type ArchiveStore, decodeRecord, encodeRecord, readFile } from '../log/index.ts'

/** Where imports are in the archive: see import-archive.ts. */
const FOLDER = 'imports'
const BATCH = '.ndjson.gz'

/** Whether a line of an archived import is to go; called with each that is not erased yet. */
export type IsLineGone = (payload: Buffer) => boolean

/** Replaces lines of archived imports by erased records, a batch in one step. Gives how many. */
export async function eraseImports(archive: ArchiveStore, isGone: IsLineGone, signal?: AbortSignal): Promise<number> {
  let erased = 0
  for (const id of await archive.list(FOLDER, signal)) {
    for (const name of await archive.list(`${FOLDER}/${id}`, signal)) {
      if (name.endsWith(BATCH)) erased += await eraseBatch(archive, `${FOLDER}/${id}/${name}`, isGone, signal)
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
  const noteName = `${name.slice(0, -BATCH.length)}.json`
  // Written with the batch; sources and instants are those of the lines, erased or not.
  const note = JSON.parse((await readFile(archive, noteName, signal)).toString()) as object
  const sized = { ...note, bytes: text.length, packedBytes: packed.length }
  await archive.write(noteName, Buffer.from(`${JSON.stringify(sized)}\n`), signal)
  await archive.write(name, packed, signal)
}
