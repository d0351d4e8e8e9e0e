import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { messageOf } from '../core/errors.ts'
import { type AcceptedEvent, acceptEvent, eventRows, type SourceShape } from '../event/index.ts'
import { encodeRecord } from '../log/index.ts'
import type { Loadable } from '../warehouse/load-events.ts'
import { unpackedName } from './file-lines.ts'
import { archiveBatch } from './import-archive.ts'
import { compileImportMap, type ImportMap } from './import-map.ts'
import { type ImportRecord, replaceImport } from './import-record.ts'
import { type ImportRow, importRows } from './import-rows.ts'
import type { ImportsSettings } from './imports.ts'
import type { Refusal } from './landing.ts'
import { sourceShapes } from './source-shapes.ts'

/** A load takes so many rows, or as many as have this much text: bytes. */
const ROWS_PER_LOAD = 20_000
const TEXT_PER_LOAD = 32 * 1024 * 1024

interface Batch {
  first: number
  last: number
  bytes: number
  rows: number
  /** Of its events and refusals: bytes. */
  text: number
  readonly events: Loadable[]
  readonly refusals: Refusal[]
  readonly archived: Buffer[]
}

/** What all rows of the file share. */
interface Import {
  readonly record: ImportRecord
  readonly map: ImportMap
  readonly shape: SourceShape | undefined
}

/** Lands a file's events from where its record says it stopped; each batch moves the record in the same transaction. */
export async function runImport(settings: ImportsSettings, record: ImportRecord, signal: AbortSignal): Promise<void> {
  const map = compileImportMap(record.map)
  const shape = sourceShapes(settings.project()).get(record.source)
  let landing = Promise.resolve(record)
  let batch = emptyBatch()
  try {
    for await (const row of importRows(record.file)) {
      if (row.line <= record.line) continue
      await addRow(settings, { record, map, shape }, batch, row)
      if (batch.rows < ROWS_PER_LOAD && batch.text < TEXT_PER_LOAD) continue
      // While one batch lands, the next is read.
      landing = land(settings, await landing, batch, 'running')
      landing.catch(() => {}) // whoever awaits it sees the failure
      batch = emptyBatch()
      signal.throwIfAborted()
    }
    await land(settings, await landing, batch, 'done')
  } finally {
    await landing.catch(() => {})
  }
}

function emptyBatch(): Batch {
  return { first: 0, last: 0, bytes: 0, rows: 0, text: 0, events: [], refusals: [], archived: [] }
}

async function addRow({ effects }: ImportsSettings, { record, map, shape }: Import, batch: Batch, row: ImportRow) {
  const receivedAt = effects.now().toISOString()
  const { line } = row
  batch.first ||= line
  batch.last = line
  batch.bytes = row.bytes
  batch.rows += 1
  const refuse = (reason: string, body: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    batch.text += Buffer.byteLength(text)
    batch.refusals.push({
      source: record.source,
      position: line,
      receivedAt,
      reason: `${basename(record.file)}:${line}: ${reason}`,
      body: text,
    })
  }
  if ('reason' in row) return refuse(row.reason, row.text)
  let values: readonly unknown[]
  try {
    values = await map(row.value, line)
  } catch (error) {
    return refuse(`the map failed: ${messageOf(error)}`, row.value)
  }
  values.forEach((value, index) => {
    const id = () => messageIdOf(record.file, line, index, row.value)
    const accepted = acceptEvent(value, { receivedAt, requestIp: '', id })
    if ('event' in accepted) addEvent(batch, { source: record.source, shape }, line, accepted.event)
    else refuse(accepted.field === undefined ? accepted.reason : `${accepted.field}: ${accepted.reason}`, value)
  })
}

function addEvent(
  batch: Batch,
  { source, shape }: { readonly source: string; readonly shape: SourceShape | undefined },
  position: number,
  event: AcceptedEvent,
): void {
  const record = { source, receivedAt: event.receivedAt, requestIp: '', event }
  batch.events.push({ ...eventRows(record, shape), source, position })
  const archived = encodeRecord({ kind: 'event', ...record })
  batch.archived.push(archived)
  batch.text += archived.length
}

/** The same row of the same file, packed or not, always has the same id, so that an import can be repeated. */
function messageIdOf(file: string, line: number, index: number, row: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(row)).digest('hex').slice(0, 12)
  return `${basename(unpackedName(file)).slice(0, 200)}:${line}${index === 0 ? '' : `.${index}`}:${hash}`
}

async function land(
  settings: ImportsSettings,
  record: ImportRecord,
  batch: Batch,
  next: 'running' | 'done',
): Promise<ImportRecord> {
  const { landing, state, effects, archive } = settings
  // What is of a deleted person does not come back into the archive either; landing counts it.
  const tombstones = await landing.tombstones.inForce()
  const kept = batch.events.map((event) => !tombstones.erases(event, { live: false }))
  if (archive !== undefined && kept.includes(true)) {
    const positions = batch.events.filter((_, index) => kept[index]).map(({ position }) => position)
    const lines = batch.archived.filter((_, index) => kept[index])
    const { first, last } = batch
    await archiveBatch(archive, { id: record.id, first, last, lines, positions })
  }
  let updated = record
  await landing.land({
    consumer: `import:${record.id}`,
    events: batch.events,
    refusals: batch.refusals,
    first: batch.first,
    last: batch.last,
    also: async (session, { loaded, duplicates, rejected }) => {
      updated = {
        ...record,
        state: next,
        line: Math.max(record.line, batch.last),
        bytes: next === 'done' ? record.total_bytes : batch.bytes,
        events: record.events + loaded,
        duplicates: record.duplicates + duplicates,
        rejected: record.rejected + rejected,
        ended_at: next === 'done' ? effects.now() : null,
      }
      await replaceImport(session, state, updated)
    },
  })
  return updated
}
