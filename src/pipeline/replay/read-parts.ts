import type { ArchiveStore, LogReader, StoredRecord } from '../../log/index.ts'
import { readBatchRecords } from '../import-archive.ts'
import type { ReplayPart } from './replay-parts.ts'

/** Where a replay stands: what it has done with of log and imports. */
export interface ReplayCursor {
  /** Records of the log up to this one. */
  readonly position: number
  /** Batches of imports up to this one, and so many records of the next. */
  readonly batch: string
  readonly offset: number
}

export interface ReplayBatch {
  readonly records: readonly StoredRecord[]
  /** Once the batch is done. */
  readonly cursor: ReplayCursor
}

export interface ReadInput {
  readonly log: LogReader
  readonly archive: ArchiveStore | undefined
  readonly maxRecords: number
  readonly signal: AbortSignal
}

const MAX_BYTES = 16 * 1024 * 1024

/** Parts that are not done with, the first of them perhaps cut. */
function partsAfter(parts: readonly ReplayPart[], { position, batch }: ReplayCursor): readonly ReplayPart[] {
  return parts.flatMap((part): ReplayPart | readonly ReplayPart[] => {
    if (part.kind === 'import') return part.name > batch ? part : []
    const first = Math.max(part.first, position + 1)
    return first > part.last ? [] : { ...part, first, records: part.last - first + 1 }
  })
}

/** How many records are not done with. */
export function recordsAfter(parts: readonly ReplayPart[], cursor: ReplayCursor): number {
  return partsAfter(parts, cursor).reduce((sum, { records }) => sum + records, -cursor.offset)
}

/** The records of the parts, in batches, from where the cursor stands. */
export async function* readParts(
  parts: readonly ReplayPart[],
  { position, batch, offset }: ReplayCursor,
  input: ReadInput,
): AsyncGenerator<ReplayBatch> {
  let cursor: ReplayCursor = { position, batch, offset }
  for (const part of partsAfter(parts, cursor)) {
    const batches = part.kind === 'log' ? readLog(part, cursor, input) : readImport(part.name, cursor, input)
    for await (const read of batches) {
      cursor = read.cursor
      yield read
    }
  }
}

async function* readLog(
  { first, last }: { readonly first: number; readonly last: number },
  cursor: ReplayCursor,
  { log, maxRecords, signal }: ReadInput,
): AsyncGenerator<ReplayBatch> {
  for (let after = first - 1; after < last; ) {
    const limits = { maxRecords: Math.min(maxRecords, last - after), maxBytes: MAX_BYTES }
    const read = await log.read({ after, ...limits, signal })
    if (read.records.length === 0) return
    after = read.last
    yield { records: read.records, cursor: { ...cursor, position: after } }
  }
}

async function* readImport(
  name: string,
  cursor: ReplayCursor,
  { archive, maxRecords, signal }: ReadInput,
): AsyncGenerator<ReplayBatch> {
  if (archive === undefined) return
  let offset = 0
  for await (const records of readBatchRecords(archive, name, maxRecords, signal)) {
    const left = records.slice(Math.max(0, cursor.offset - offset))
    offset += records.length
    if (left.length > 0) yield { records: left, cursor: { ...cursor, offset } }
  }
  yield { records: [], cursor: { ...cursor, batch: name, offset: 0 } }
}
