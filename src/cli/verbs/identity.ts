import { MusterError } from '../../core/errors.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    const group = program.command('identity').description('who is who, and why')
    withCommonOptions(group.command('stats')).description('identifiers by type, and ties not followed').action(stats)
    withCommonOptions(group.command('explain').argument('<identifier>'))
      .description('the rows and events that make a profile one person')
      .action(explain)
  },
}

interface Stats {
  readonly status: { readonly profiles: number; readonly identifiers: number }
  readonly identifierCounts: readonly { readonly type: string; readonly identifiers: number }[]
  readonly refusals: readonly { readonly reason: string; readonly edges: number }[]
}

async function stats(options: CommonOptions): Promise<void> {
  const answer = await withOperations(options, (operations) =>
    operations.execute<Stats>(
      '{ status { profiles identifiers } identifierCounts { type identifiers } refusals { reason edges } }',
    ),
  )
  if (options.json) return printJson(answer)
  const { status, identifierCounts, refusals } = answer
  printLine(`${status.identifiers} identifiers are ${status.profiles} profiles.\n`)
  printTable(
    ['type', 'identifiers'],
    identifierCounts.map(({ type, identifiers }) => [type, identifiers]),
  )
  if (refusals.length === 0) return
  printLine()
  printTable(
    ['not followed because', 'ties'],
    refusals.map(({ reason, edges }) => [reason, edges]),
  )
}

interface Explained {
  readonly id: number
  readonly evidence: readonly {
    readonly from: string
    readonly to: string
    readonly source: string
    readonly evidence: string | null
    readonly firstSeen: string | null
  }[]
}

async function explain(identifier: string, options: CommonOptions): Promise<void> {
  const { profile } = await withOperations(options, (operations) =>
    operations.execute<{ profile: Explained | null }>(
      'query ($identifier: String) { profile(identifier: $identifier) { id evidence { from to source evidence firstSeen } } }',
      { identifier },
    ),
  )
  if (!profile) throw new MusterError('not_found', `No profile holds the identifier "${identifier}".`)
  if (options.json) return printJson(profile)
  printLine(`Profile ${profile.id}\n`)
  printTable(
    ['identifier', 'is also', 'source', 'event', 'first seen'],
    profile.evidence.map(({ from, to, source, evidence, firstSeen }) => [from, to, source, evidence, firstSeen]),
  )
}
