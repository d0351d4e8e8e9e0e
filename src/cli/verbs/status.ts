import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { formatState, printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

interface Answer {
  readonly project: { readonly name: string; readonly environment: string }
  readonly status: Readonly<Record<string, number>>
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
  status { logHead lag events duplicates rejected discards identifiers profiles ledgerMembers inDoubt }
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
            ['events landed', status.events],
            ['copies not landed twice', status.duplicates],
            ['events rejected', status.rejected],
            ['values discarded', status.discards],
            ['identifiers', status.identifiers],
            ['profiles', status.profiles],
            ['members acknowledged by destinations', status.ledgerMembers],
            ['rows in doubt', status.inDoubt],
          ],
        )
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
