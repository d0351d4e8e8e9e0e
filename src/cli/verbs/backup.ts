import { resolve } from 'node:path'
import { MusterError } from '../../core/errors.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { followBackup } from '../follow.ts'
import { formatNumber, printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    const group = withCommonOptions(program.command('backup'))
      .description('copy warehouse, log, archive and files of a project while it is at work')
      .option('--to <dir>', 'new or empty folder')
      .action(backUp)
    group
      .command('verify')
      .description('read every file of a backup, and say which are damaged')
      .argument('<dir>', 'folder of the backup')
      .option('--json', 'print JSON, for programs')
      .action(verify)
  },
}

async function backUp({ to, ...options }: CommonOptions & { readonly to?: string }): Promise<void> {
  // Commander would ask the subcommand for a required option too.
  if (to === undefined) throw new MusterError('usage', 'Say where the backup goes: `muster backup --to DIR`.')
  const { json = false } = options
  const done = await withOperations(options, (operations) =>
    withProgress(`Backing up to ${to}`, { silent: json }, (report) => followBackup(operations, resolve(to), report)),
  )
  if (json) return printJson(done)
  printLine(
    `${formatNumber(done.files)} files, ${formatNumber(done.bytes)} bytes, the log up to record ${formatNumber(done.logHead)}.`,
  )
  if (done.withWarehouse) printLine(`Landing and queries waited for ${formatNumber(done.pausedMs)} ms.`)
  else printLine('The database is not in it: dump it by its own tools before each backup, not after.')
  if (done.archiveElsewhere !== null) printLine(`Nor is the archive, which is in ${done.archiveElsewhere}.`)
  printLine('Variables of the environment are not in it.')
}

async function verify(dir: string, { json }: { readonly json?: boolean }): Promise<void> {
  const { verifyBackup } = await import('../../run/index.ts')
  const manifest = await verifyBackup(resolve(dir), new AbortController().signal)
  const { project, environment, createdAt, logHead, files } = manifest
  if (json) return printJson({ project, environment, createdAt, logHead, files: files.length })
  printLine(`${project} (${environment}) of ${createdAt}: all ${formatNumber(files.length)} files are whole.`)
}
