import { readdir } from 'node:fs/promises'
import { MusterError } from '../core/errors.ts'
import { isMissing } from '../core/files.ts'
import { parseInstant } from '../event/index.ts'
import { type ArchiveStore, decodeRecord, type EventLogRecord, type LogReader } from '../log/index.ts'
import { DatedFiles } from './dated-files.ts'
import { readParts, recordsAfter } from './replay/read-parts.ts'
import { ReplayFilter } from './replay/replay-filter.ts'
import { findParts } from './replay/replay-parts.ts'

export interface ExportInput {
  /** Of the log. */
  readonly dir: string
  readonly log: LogReader
  readonly archive: ArchiveStore | undefined
  /** Absolute; it does not exist yet, or is empty. */
  readonly folder: string
  /** Absent: all. */
  readonly source?: string | undefined
  /** Received at or after, and before. */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  readonly signal: AbortSignal
  readonly report: (done: number, total: number) => void
}

export interface Exported {
  readonly events: number
  /** Refused requests and events, which are not written. */
  readonly rejected: number
  /** Relative to the folder. */
  readonly files: readonly string[]
}

const START = { position: 0, batch: '', offset: 0 }
const RECORDS_A_BATCH = 2_000

/**
 * Writes what archive and log hold as `<source>/<day>.ndjson`, one event a line, so that `muster import` makes the same rows
 * of it: with message id, instant of receipt and address.
 * @throws MusterError `export_folder_used`, `log_range_gone`, and as the archive does
 */
export async function exportEvents(input: ExportInput): Promise<Exported> {
  const { log, archive, folder, source = null, from = null, to = null, signal, report } = input
  await requireEmpty(folder)
  const nothing = { predicate: '', overwrite: false, dry_run: true, rate: null }
  const filter = new ReplayFilter({ ...nothing, source, from_time: from, to_time: to })
  const parts = await findParts({ ...input, filter, until: await log.head() })
  const total = recordsAfter(parts, START)
  const files = new DatedFiles(folder)
  const counts = { events: 0, rejected: 0 }
  let done = 0
  for await (const { records } of readParts(parts, START, { log, archive, maxRecords: RECORDS_A_BATCH, signal })) {
    signal.throwIfAborted()
    for (const { payload } of (await filter.select(records)).records) {
      const record = decodeRecord(payload)
      if (record.kind === 'erased') continue
      counts[record.kind === 'event' ? 'events' : 'rejected'] += 1
      if (record.kind === 'event') await files.add(fileOf(record), lineOf(record))
    }
    done += records.length
    report(done, total)
  }
  await files.finish()
  return { ...counts, files: files.names }
}

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  if (names.length > 0) throw new MusterError('export_folder_used', `${folder} holds ${names.length} files already.`)
}

/** Days are those of UTC. */
function fileOf({ source, receivedAt }: EventLogRecord): string {
  const day = new Date(parseInstant(receivedAt) ?? 0).toISOString().slice(0, 10)
  return `${encodeURIComponent(source)}/${day}.ndjson`
}

/** The event as it came; what its request says of it is in it too. */
function lineOf({ receivedAt, requestIp, event }: EventLogRecord): string {
  return JSON.stringify({ ...event, receivedAt, request_ip: event.request_ip || requestIp })
}
