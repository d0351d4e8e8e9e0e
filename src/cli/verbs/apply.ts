import { InvalidArgumentError } from 'commander'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { followApply } from '../follow.ts'
import { exitOf, printApplied } from '../plan-table.ts'
import { printJson } from '../print.ts'
import { withProgress } from '../progress.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('apply'))
      .description('execute a plan and no other; one that was interrupted goes on')
      .argument('[plan]', 'number of the plan; the newest when absent', parsePlan)
      .action(apply)
  },
}

async function apply(id: number | undefined, options: CommonOptions): Promise<void> {
  const { json = false } = options
  const applied = await withOperations(options, (operations) =>
    withProgress('Applying', { silent: json }, (report) => followApply(operations, id, report)),
  )
  process.exitCode = exitOf(applied)
  if (json) printJson(applied)
  else printApplied(applied)
}

function parsePlan(text: string): number {
  const id = Number(text)
  if (Number.isInteger(id) && id > 0) return id
  throw new InvalidArgumentError(`"${text}" is no plan number.`)
}
