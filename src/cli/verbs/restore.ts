import { resolve } from 'node:path'
import { formatNumber, printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import type { Verb } from '../verb.ts'

interface Options {
  readonly from: string
  readonly to: string
  readonly json?: boolean
}

export const verb: Verb = {
  register: (program) => {
    program
      .command('restore')
      .description('put a backup into a new folder, once all its files are known to be whole')
      .requiredOption('--from <dir>', 'folder of the backup')
      .requiredOption('--to <dir>', 'new or empty folder for the project')
      .option('--json', 'print JSON, for programs')
      .action(restore)
  },
}

async function restore({ from, to, json = false }: Options): Promise<void> {
  const { restoreBackup } = await import('../../run/index.ts')
  const manifest = await withProgress(`Restoring ${from}`, { silent: json }, () =>
    restoreBackup(resolve(from), resolve(to), new AbortController().signal),
  )
  const { project, environment, createdAt, engine, archive, moved, files } = manifest
  if (json) return printJson({ project, environment, createdAt, engine, moved, files: files.length })
  printLine(`${project} (${environment}) as of ${createdAt} is in ${to}: ${formatNumber(files.length)} files.`)
  for (const { setting, from: was, to: now } of moved) {
    printLine(`${setting} was ${was}, outside the project; it is in ${now} now: change muster.yaml.`)
  }
  if (archive !== null) printLine(`The archive is where it was, in ${archive}.`)
  if (engine !== 'duckdb') printLine(`The ${engine} database is not in the backup: restore it by its own tools first.`)
}
