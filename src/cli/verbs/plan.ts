import { type CommonOptions, selectorOf, withCommonOptions, withOperations } from '../common.ts'
import { exitOf, PLAN_FIELDS, type PlanRow, printPlan } from '../plan-table.ts'
import { printJson, printLine } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('plan'))
      .description('show what would be added, updated and removed, and where; nothing leaves')
      .argument('[selector...]', 'audiences, destinations or syncs; all when absent')
      .action(plan)
  },
}

async function plan(words: string[], options: CommonOptions): Promise<void> {
  const made = await withOperations(options, async (operations) => {
    const mutation = `mutation ($selector: String) { createPlan(selector: $selector) { ${PLAN_FIELDS} } }`
    const { createPlan } = await operations.execute<{ createPlan: PlanRow }>(mutation, { selector: selectorOf(words) })
    return createPlan
  })
  process.exitCode = exitOf(made)
  if (options.json) return printJson(made)
  printPlan(made)
  const ready = made.syncs.some(({ state }) => state === 'ready')
  printLine(ready ? `\nSend it with: muster apply ${made.id}` : '\nThere is nothing to send.')
}
