import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MusterError, messageOf } from '../../core/errors.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { followImport } from '../follow.ts'
import { formatNumber, printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import type { Verb } from '../verb.ts'

interface Options extends CommonOptions {
  readonly source: string
  readonly map?: string
}

export const verb: Verb = {
  register: (program) => {
    const group = program.command('import').description('bring in history')
    withCommonOptions(group.command('events'))
      .description('import a CSV or NDJSON file of events; safe to repeat, resumed after a crash')
      .argument('<file>', '.csv, .ndjson or .jsonl, or packed: .csv.gz …')
      .requiredOption('--source <name>', 'source the events belong to')
      .option('--map <file>', 'JSONata file that turns a row into an event; it also sees $line')
      .action(importEvents)
  },
}

async function importEvents(file: string, options: Options): Promise<void> {
  const { json = false, source } = options
  const map = options.map === undefined ? undefined : await readMap(options.map)
  const done = await withOperations(options, (operations) =>
    withProgress(`Importing ${file}`, { silent: json }, (report) =>
      followImport(operations, { file: resolve(file), source, map }, report),
    ),
  )
  if (json) printJson(done)
  else
    printLine(
      `${formatNumber(done.events)} events in, ${formatNumber(done.duplicates)} were there already, ${formatNumber(done.rejected)} rejected${done.rejected > 0 ? '; GraphQL `{ rejectedEvents { position reason body } }` shows them' : ''}.`,
    )
  if (!json && done.erased > 0) printLine(`${formatNumber(done.erased)} of people who were deleted, kept nowhere.`)
  if (done.state === 'failed')
    throw new MusterError('import_file_unreadable', `The import failed at line ${done.line}: ${done.error}`)
}

async function readMap(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new MusterError('import_file_unreadable', `The map ${file} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    })
  }
}
