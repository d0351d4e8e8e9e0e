import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { printJson, printLine, printTable } from '../print.ts'
import { untilStopped } from '../stop.ts'
import type { Verb } from '../verb.ts'

interface TwinRow {
  readonly name: string
  readonly title: string
  readonly twinUrl: string
  readonly objects: readonly { readonly id: string; readonly name: string; readonly members: number }[]
}

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('twins'))
      .description('the twins of the destinations and what they hold; stays up without a server, so that you can look')
      .action(twins)
  },
}

async function twins(options: CommonOptions): Promise<void> {
  await withOperations(options, async (operations) => {
    const { destinations } = await operations.execute<{
      destinations: { name: string; title: string; twinUrl: string | null }[]
    }>('{ destinations { name title twinUrl } }')
    const rows: TwinRow[] = []
    for (const { name, title, twinUrl } of destinations) {
      if (twinUrl === null) continue
      const state = (await (await fetch(`${twinUrl}/__twin/state`)).json()) as Pick<TwinRow, 'objects'> // the twin kit's
      rows.push({ name, title, twinUrl, objects: state.objects })
    }
    if (options.json) return printJson(rows)
    if (rows.length === 0) return printLine('No destination is played by a twin in this environment.')
    printTable(
      ['destination', 'object', 'members', 'twin'],
      rows.flatMap(({ name, twinUrl, objects }) =>
        objects.length === 0
          ? [[name, null, 0, twinUrl]]
          : objects.map((object) => [name, object.name, object.members, twinUrl]),
      ),
    )
    if (operations.remote || !process.stdout.isTTY) return
    printLine('\nThe twins stay up until Ctrl-C.')
    await untilStopped()
  })
}
