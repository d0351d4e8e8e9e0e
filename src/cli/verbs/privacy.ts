import type { Command } from 'commander'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { printJson, printLine } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    const group = program.command('privacy').description('whose events are not stored')
    onIds(group, 'suppress')
      .description('acknowledge events of these user or anonymous ids from now on, and do not store them')
      .option('--reason <text>', 'why, naming nobody', '')
      .action(suppress)
    onIds(group, 'unsuppress').description('store events of these ids again').action(unsuppress)
    onIds(group, 'suppressed').description('which of these ids are suppressed').action(suppressed)
  },
}

function onIds(group: Command, name: string): Command {
  return withCommonOptions(group.command(name).argument('<id...>', 'user ids or anonymous ids, as SDKs send them'))
}

async function suppress(ids: readonly string[], options: CommonOptions & { readonly reason: string }): Promise<void> {
  const { reason } = options
  const answer = await withOperations(options, (operations) =>
    operations.execute<{ suppress: number }>(
      'mutation ($ids: [String!]!, $reason: String) { suppress(ids: $ids, reason: $reason) }',
      { ids, reason },
    ),
  )
  if (options.json) return printJson({ suppressed: answer.suppress })
  printLine(`Their events are acknowledged and not stored; the list has ${answer.suppress} ids.`)
  printLine('What was stored before stays.')
}

async function unsuppress(ids: readonly string[], options: CommonOptions): Promise<void> {
  const answer = await withOperations(options, (operations) =>
    operations.execute<{ unsuppress: number }>('mutation ($ids: [String!]!) { unsuppress(ids: $ids) }', { ids }),
  )
  if (options.json) return printJson({ suppressed: answer.unsuppress })
  printLine(`Their events are stored again; the list has ${answer.unsuppress} ids.`)
}

async function suppressed(ids: readonly string[], options: CommonOptions): Promise<void> {
  const answer = await withOperations(options, (operations) =>
    operations.execute<{ suppressed: readonly string[] }>('query ($ids: [String!]!) { suppressed(ids: $ids) }', {
      ids,
    }),
  )
  if (options.json) return printJson(answer.suppressed)
  const found = new Set(answer.suppressed)
  for (const id of ids) printLine(`${id}: ${found.has(id) ? 'suppressed' : 'stored'}`)
}
