import { MusterError } from '../../core/errors.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

interface Profile {
  readonly id: number
  readonly traits: Readonly<Record<string, unknown>>
  readonly identifiers: readonly { readonly type: string; readonly value: string }[]
  readonly audiences: readonly {
    readonly audience: string
    readonly enteredAt: string
    readonly leftAt: string | null
  }[]
}

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('profile'))
      .description('show one person: identifiers, traits, audiences')
      .argument('<identifier>', 'an e-mail address, a user id, any identifier')
      .option('--type <type>', 'type of the identifier, such as email')
      .action(profile)
  },
}

async function profile(identifier: string, options: CommonOptions & { type?: string }): Promise<void> {
  const { profile: found } = await withOperations(options, (operations) =>
    operations.execute<{ profile: Profile | null }>(
      `query ($identifier: String, $type: String) { profile(identifier: $identifier, type: $type) {
        id traits identifiers { type value } audiences { audience enteredAt leftAt } } }`,
      { identifier, type: options.type },
    ),
  )
  if (!found) {
    throw new MusterError('not_found', `No profile holds the identifier "${identifier}".`, {
      hint: 'Profiles are made by `muster run`; an event that landed since is not stitched yet.',
    })
  }
  if (options.json) return printJson(found)
  printLine(`Profile ${found.id}\n`)
  printTable(
    ['identifier', 'value'],
    found.identifiers.map(({ type, value }) => [type, value]),
  )
  printLine()
  printTable(['trait', 'value'], Object.entries(found.traits))
  printLine()
  printTable(
    ['audience', 'entered', 'left'],
    found.audiences.map(({ audience, enteredAt, leftAt }) => [audience, enteredAt, leftAt]),
  )
}
