import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { systemEffects } from '../../core/effects.ts'
import { MusterError } from '../../core/errors.ts'
import { type ArchiveNote, type ArchiveStore, openArchive, openLogReader, readArchiveIndex } from '../../log/index.ts'
import { type ArchivedBatch, exportEvents, readImportIndex } from '../../pipeline/index.ts'
import { type LogSettings, requireProject } from '../../project/index.ts'
import { type CommonOptions, withCommonOptions } from '../common.ts'
import { formatNumber, printJson, printLine, printTable } from '../print.ts'
import { bar, withProgress } from '../progress.ts'
import { untilStopped } from '../stop.ts'
import type { Verb } from '../verb.ts'

interface ExportOptions extends CommonOptions {
  readonly source?: string
  readonly from?: Date
  readonly to?: Date
}

/** These verbs read files only: they need neither server nor warehouse, and work beside both. */
export const verb: Verb = {
  register: (program) => {
    const group = program.command('archive').description('what is kept of all events')
    withCommonOptions(group.command('list'))
      .description('segments of the log and batches of imports, with their dates and sources')
      .action(list)
    withCommonOptions(group.command('export').argument('<folder>', 'one that does not exist yet, or is empty'))
      .description('write the events of archive and log as <source>/<day>.ndjson, ready for `muster import`')
      .option('--source <name>', 'only events of this source')
      .option('--from <instant>', 'received at or after, such as 2026-01-31', parseTime)
      .option('--to <instant>', 'received before', parseTime)
      .action(exportTo)
  },
}

interface Row {
  readonly kind: 'log' | 'import'
  readonly id: string
  readonly first: number
  readonly last: number
  readonly from: string | null
  readonly to: string | null
  readonly sources: readonly string[]
  readonly bytes: number
}

async function list(options: CommonOptions): Promise<void> {
  const { archive } = await openProject(options)
  if (archive === undefined) throw new MusterError('not_found', 'The project keeps no archive: `log.archive` is false.')
  const rows = [...(await readArchiveIndex(archive)).map(segmentRow), ...(await readImportIndex(archive)).map(batchRow)]
  if (options.json) return printJson({ place: archive.place, files: rows })
  printTable(
    ['what', 'records or lines', 'received from', 'to', 'sources', 'kB'],
    rows.map((row) => [
      row.kind === 'log' ? 'log' : `import ${row.id}`,
      `${row.first}–${row.last}`,
      row.from,
      row.to,
      row.sources.join(', '),
      Math.ceil(row.bytes / 1000),
    ]),
  )
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  printLine(`${formatNumber(rows.length)} files, ${formatNumber(Math.ceil(bytes / 1000))} kB in ${archive.place}`)
}

function segmentRow({ first, last, minReceivedAt, maxReceivedAt, sources, packedBytes, bytes }: ArchiveNote): Row {
  const dates = { from: minReceivedAt, to: maxReceivedAt }
  return { kind: 'log', id: '', first, last, ...dates, sources, bytes: packedBytes ?? bytes }
}

function batchRow({ note }: ArchivedBatch): Row {
  const { id, first, last, minReceivedAt: from, maxReceivedAt: to, sources, packedBytes: bytes } = note
  return { kind: 'import', id, first, last, from, to, sources, bytes }
}

async function exportTo(folder: string, options: ExportOptions): Promise<void> {
  const { archive, log: settings } = await openProject(options)
  const { json = false, source, from, to } = options
  await using log = openLogReader({ dir: settings.dir, archive })
  const stop = new AbortController()
  void untilStopped().then(() => stop.abort(new Error('stopped')))
  const done = await withProgress(`Exporting to ${folder}`, { silent: json }, (report) =>
    exportEvents({
      dir: settings.dir,
      log,
      archive,
      folder: resolve(folder),
      source,
      from,
      to,
      signal: stop.signal,
      report: (passed, total) => report(bar(passed, total)),
    }),
  )
  if (json) return printJson(done)
  printLine(`${formatNumber(done.events)} events in ${formatNumber(done.files.length)} files.`)
  if (done.rejected > 0) printLine(`${formatNumber(done.rejected)} refused ones are not in them.`)
}

async function openProject({
  project: dir,
  env,
}: CommonOptions): Promise<{ readonly log: LogSettings; readonly archive: ArchiveStore | undefined }> {
  const { log } = await requireProject(resolve(dir), { env, variables: systemEffects.env })
  return { log, archive: openArchive(log.archive, systemEffects) }
}

function parseTime(text: string): Date {
  const instant = new Date(text)
  if (!Number.isNaN(instant.getTime())) return instant
  throw new InvalidArgumentError(`"${text}" is not an instant; write it as 2026-01-31 or 2026-01-31T12:00:00Z.`)
}
