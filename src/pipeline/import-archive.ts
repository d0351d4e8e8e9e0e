import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { constants, createGunzip, gzip } from 'node:zlib'
import PQueue from 'p-queue'
import { parseInstant } from '../event/index.ts'
import { type ArchiveStore, describeRecord, readFile, type StoredRecord } from '../log/index.ts'

/**
 * Imports in the archive, besides the log's segments, which they do not pass through:
 *
 *   imports/<id>/<first>-<last>.ndjson.gz   log payloads with `position`, their line in the file, one a line
 *   imports/<id>/<first>-<last>.json        the note of it
 */
const FOLDER = 'imports'
const SUFFIX = '.ndjson.gz'
/** Notes read at a time. */
const CONCURRENCY = 8
const POSITION = /,"position":(\d+)\}$/

/** One batch of an import, as it goes to the archive. */
export interface ImportedBatch {
  readonly id: string
  /** Lines of the file. */
  readonly first: number
  readonly last: number
  /** Log payloads, one a line. */
  readonly lines: readonly Buffer[]
  /** The line of the file that each of them is of. */
  readonly positions: readonly number[]
}

/** What an archived batch holds, for finding it by source and date. */
export interface BatchNote {
  /** Of the import. */
  readonly id: string
  readonly first: number
  readonly last: number
  readonly events: number
  /** Unpacked, and as it is in the archive. */
  readonly bytes: number
  readonly packedBytes: number
  /** ISO instants in UTC. */
  readonly minReceivedAt: string | null
  readonly maxReceivedAt: string | null
  readonly sources: readonly string[]
}

/** Keeps a batch in the archive, durable, before it lands; the same lines again replace the same file. */
export async function archiveBatch(archive: ArchiveStore, batch: ImportedBatch): Promise<void> {
  const { id, first, last, lines, positions } = batch
  const text = Buffer.concat(lines.flatMap((line, index) => placed(line, positions[index] ?? first)))
  const packed = await promisify(gzip)(text, { level: constants.Z_BEST_SPEED })
  const sizes = { events: lines.length, bytes: text.length, packedBytes: packed.length }
  const note: BatchNote = { id, first, last, ...sizes, ...describeLines(lines) }
  const name = `${FOLDER}/${id}/${digits(first)}-${digits(last)}`
  // The batch is written last: where it is, its note is too.
  await archive.write(`${name}.json`, Buffer.from(`${JSON.stringify(note)}\n`))
  await archive.write(`${name}${SUFFIX}`, packed)
}

/** An archived batch and what is known of it. */
export interface ArchivedBatch {
  /** In the archive; batches of one import are in the order of its lines. */
  readonly name: string
  readonly note: BatchNote
}

/** All batches of imports in the archive, by name. */
export async function readImportIndex(archive: ArchiveStore, signal?: AbortSignal): Promise<ArchivedBatch[]> {
  const names: string[] = []
  for (const id of await archive.list(FOLDER, signal)) {
    const files = await archive.list(`${FOLDER}/${id}`, signal)
    names.push(...files.filter((file) => file.endsWith(SUFFIX)).map((file) => `${FOLDER}/${id}/${file}`))
  }
  const queue = new PQueue({ concurrency: CONCURRENCY })
  return queue.addAll(names.map((name) => async () => ({ name, note: await readNote(archive, name, signal) })))
}

async function readNote(archive: ArchiveStore, name: string, signal?: AbortSignal): Promise<BatchNote> {
  // Written by `archiveBatch` before the batch.
  return JSON.parse((await readFile(archive, `${name.slice(0, -SUFFIX.length)}.json`, signal)).toString()) as BatchNote
}

/** The records of an archived batch as those of the log, at most `size` at a time. */
export async function* readBatchRecords(
  archive: ArchiveStore,
  name: string,
  size: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredRecord[]> {
  let records: StoredRecord[] = []
  const unpacked = createGunzip()
  pipeline(archive.read(name, signal), unpacked).catch(() => {}) // what fails ends `unpacked` with the same error
  for await (const line of linesOf(unpacked)) {
    records.push({ sequence: Number(POSITION.exec(line)?.[1] ?? 0), partition: 0, payload: Buffer.from(line) })
    if (records.length < size) continue
    yield records
    records = []
  }
  if (records.length > 0) yield records
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** The line of a payload, with its position as the last member, in pieces. */
function placed(line: Buffer, position: number): readonly Buffer[] {
  return [line.subarray(0, -1), Buffer.from(`,"position":${position}}\n`)]
}

/** Sources and instants of log payloads. */
export function describeLines(
  lines: readonly Buffer[],
): Pick<BatchNote, 'minReceivedAt' | 'maxReceivedAt' | 'sources'> {
  const sources = new Set<string>()
  let min = Infinity
  let max = -Infinity
  for (const line of lines) {
    const { source = null, receivedAt = '' } = describeRecord(line) ?? {}
    if (source !== null) sources.add(source)
    const instant = parseInstant(receivedAt)
    if (instant === undefined) continue
    min = Math.min(min, instant)
    max = Math.max(max, instant)
  }
  const text = (instant: number) => (Number.isFinite(instant) ? new Date(instant).toISOString() : null)
  return { minReceivedAt: text(min), maxReceivedAt: text(max), sources: [...sources].sort() }
}

function digits(line: number): string {
  return String(line).padStart(12, '0')
}
