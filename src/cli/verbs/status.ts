import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { formatNumber, formatState, printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

const NUMBERS = [
  'logHead',
  'lag',
  'secondsBehind',
  'eventsPerMinute',
  'events',
  'duplicates',
  'rejected',
  'discards',
  'erased',
  'identifiers',
  'profiles',
  'ledgerMembers',
  'inDoubt',
] as const

interface Answer {
  readonly project: { readonly name: string; readonly environment: string }
  readonly status: Readonly<Record<(typeof NUMBERS)[number], number>> & {
    readonly lastLoadAt: string | null
    readonly lastLoadEvents: number | null
    readonly editRefused: string | null
    readonly held: readonly {
      readonly table: string
      readonly rows: number
      readonly since: string
      readonly reason: string
    }[]
    readonly sources: readonly {
      readonly source: string
      readonly receivedAt: string | null
      readonly timestamp: string | null
    }[]
  }
  readonly runs: readonly {
    readonly id: number
    readonly state: string
    readonly asOf: string
    readonly error: string | null
  }[]
  readonly plan: { readonly id: number; readonly state: string; readonly error: string | null } | null
  readonly archive: {
    readonly place: string | null
    readonly error: string | null
    readonly failingSince: string | null
  }
  readonly imports: readonly {
    readonly file: string
    readonly state: string
    readonly events: number
    readonly error: string | null
  }[]
}

const QUERY = `{
  project { name environment }
  status {
    ${NUMBERS.join(' ')}
    lastLoadAt lastLoadEvents editRefused
    held { table rows since reason }
    sources { source receivedAt timestamp }
  }
  runs(first: 1) { id state asOf error }
  plan { id state error }
  archive { place error failingSince }
  imports { file state events error }
}`

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('status'))
      .description('where everything stands')
      .action(async (options: CommonOptions) => {
        const [answer, served] = await withOperations(
          options,
          async (operations) => [await operations.execute<Answer>(QUERY), operations.remote] as const,
        )
        if (options.json) return printJson({ ...answer, served })
        const { project, status, runs, plan, archive, imports } = answer
        printLine(`${project.name} (${project.environment}), ${served ? 'served' : 'no server running'}`)
        printTable(
          ['', ''],
          [
            ['records in the log', status.logHead],
            ['not landed yet', status.lag],
            ['seconds behind', Math.round(status.secondsBehind)],
            ['events landed in the last minute', status.eventsPerMinute],
            ['events landed', status.events],
            ['copies not landed twice', status.duplicates],
            ['events rejected', status.rejected],
            ['values discarded', status.discards],
            ['events of deleted people kept out', status.erased],
            ['identifiers', status.identifiers],
            ['profiles', status.profiles],
            ['members acknowledged by destinations', status.ledgerMembers],
            ['rows in doubt', status.inDoubt],
          ],
        )
        printFreshness(status)
        for (const { id, state, asOf, error } of runs)
          printLine(`run ${id}: ${formatState(state)} as of ${asOf}${error ? `: ${error}` : ''}`)
        if (plan) printLine(`plan ${plan.id}: ${formatState(plan.state)}${plan.error ? `: ${plan.error}` : ''}`)
        if (archive.error)
          printLine(
            `${formatState('failed')} to archive since ${archive.failingSince}; segments stay in the log: ${archive.error}`,
          )
        for (const { file, state, events, error } of imports)
          printLine(`import ${file}: ${formatState(state)}, ${events} events${error ? `: ${error}` : ''}`)
      })
  },
}

function printFreshness({ lastLoadAt, lastLoadEvents, editRefused, held, sources }: Answer['status']): void {
  if (editRefused !== null) printLine(`muster.yaml as it is now is NOT in force: ${editRefused}`)
  if (lastLoadAt !== null) printLine(`last load: ${lastLoadAt}, ${formatNumber(lastLoadEvents ?? 0)} events`)
  for (const { source, receivedAt } of sources) {
    printLine(`source ${source}: ${receivedAt === null ? 'nothing has landed' : `latest event received ${receivedAt}`}`)
  }
  for (const { table, rows, since, reason } of held) {
    printLine(`${table} does not take rows since ${since}: ${formatNumber(rows)} wait. ${reason}`)
  }
}
