import type { Command } from 'commander'
import { MusterError } from '../../core/errors.ts'
import type { Operations } from '../../server/index.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { confirmed } from '../deletion.ts'
import { printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

type Action = 'join' | 'separate' | 'ignore'

interface DecideOptions extends CommonOptions {
  readonly note: string
  readonly dryRun?: boolean
  readonly yes?: boolean
}

interface Identifier {
  readonly type: string
  readonly value: string
}

export const verb: Verb = {
  register: (program) => {
    const group = program.command('identity').description('who is who, and why')
    withCommonOptions(group.command('stats')).description('profiles by size, and what ties nobody').action(stats)
    withCommonOptions(group.command('explain').argument('<identifier>').argument('[other]'))
      .description('what makes a profile one person; of two identifiers, what ties them or keeps them apart')
      .addHelpText('after', '\nAn identifier is its value, or type:value, such as email:ann@x.io.')
      .action((identifier, other, options) =>
        other === undefined ? explainOne(identifier, options) : explainPair(identifier, other, options),
      )
    decision(group, 'unmerge <identifier> <other>', 'separate').description('never make these two one profile')
    decision(group, 'merge <identifier> <other>', 'join').description('make these two one profile')
    decision(group, 'ignore <identifier>', 'ignore').description(
      'let this value tie nobody: an office phone, a shared address',
    )
  },
}

function decision(group: Command, usage: string, action: Action): Command {
  return withCommonOptions(group.command(usage))
    .option('--note <text>', 'why, kept with the decision', '')
    .option('--dry-run', 'show what would change, and decide nothing')
    .option('--yes', 'do not ask')
    .action(async (...words: readonly unknown[]) => {
      const count = action === 'ignore' ? 1 : 2
      const options = words[count] as DecideOptions // commander gives the arguments, then the options
      await decide(action, words.slice(0, count).map(String), options)
    })
}

interface Stats {
  readonly status: { readonly profiles: number; readonly identifiers: number }
  readonly identityStatistics: {
    readonly types: readonly { readonly type: string; readonly identifiers: number }[]
    readonly sizes: readonly { readonly size: string; readonly profiles: number }[]
    readonly biggest: readonly { readonly profileId: number; readonly identifiers: number }[]
    readonly shared: readonly (Identifier & { readonly tied: string; readonly ties: number })[]
    readonly refused: readonly { readonly reason: string; readonly edges: number }[]
    readonly changes: readonly {
      readonly run: number
      readonly kind: string
      readonly profiles: number
      readonly identifiers: number
    }[]
  }
}

async function stats(options: CommonOptions): Promise<void> {
  const answer = await withOperations(options, (operations) =>
    operations.execute<Stats>(`{ status { profiles identifiers } identityStatistics {
      types { type identifiers } sizes { size profiles } biggest { profileId identifiers }
      shared { type value tied ties } refused { reason edges } changes { run kind profiles identifiers } } }`),
  )
  if (options.json) return printJson(answer)
  const { status, identityStatistics } = answer
  const { types, sizes, biggest, shared, refused, changes } = identityStatistics
  printLine(`${status.identifiers} identifiers are ${status.profiles} profiles.`)
  section(
    ['type', 'identifiers'],
    types.map(({ type, identifiers }) => [type, identifiers]),
  )
  section(
    ['identifiers of a profile', 'profiles'],
    sizes.map(({ size, profiles }) => [size, profiles]),
  )
  section(
    ['biggest profiles', 'identifiers'],
    biggest.slice(0, 5).map(({ profileId, identifiers }) => [profileId, identifiers]),
  )
  section(
    ['names nobody', 'because it is tied to'],
    shared.map(({ type, value, tied, ties }) => [`${type} ${value}`, `${ties} ${tied}s`]),
  )
  section(
    ['not followed because', 'ties'],
    refused.map(({ reason, edges }) => [reason, edges]),
  )
  section(
    ['run', 'change', 'profiles', 'identifiers'],
    changes.map(({ run, kind, profiles, identifiers }) => [run, kind, profiles, identifiers]),
  )
}

function section(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  if (rows.length === 0) return
  printLine()
  printTable(heads, rows)
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

async function explainOne(identifier: string, options: CommonOptions): Promise<void> {
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
    ['identifier', 'is also', 'source', 'event or row', 'first seen'],
    profile.evidence.map(({ from, to, source, evidence, firstSeen }) => [from, to, source, evidence, firstSeen]),
  )
}

interface Explanation {
  readonly verdict: 'joined' | 'apart' | 'unconnected'
  readonly path: readonly {
    readonly from: Identifier
    readonly to: Identifier
    readonly source: string
    readonly evidence: string | null
    readonly firstSeen: string | null
    readonly obstacle: string | null
  }[]
}

const VERDICTS: Readonly<Record<Explanation['verdict'], string>> = {
  joined: 'They are one profile:',
  apart: 'They are two profiles. What ties them is not followed:',
  unconnected: 'Nothing ties them: no row, no event, no decision.',
}

async function explainPair(from: string, to: string, options: CommonOptions): Promise<void> {
  const { explainIdentity } = await withOperations(options, (operations) =>
    operations.execute<{ explainIdentity: Explanation }>(
      `query ($from: String!, $to: String!) { explainIdentity(from: $from, to: $to) { verdict path {
        from { type value } to { type value } source evidence firstSeen obstacle } } }`,
      { from, to },
    ),
  )
  if (options.json) return printJson(explainIdentity)
  const { verdict, path } = explainIdentity
  printLine(VERDICTS[verdict])
  section(
    ['from', 'to', 'source', 'event or row', 'first seen', 'not followed because'],
    path.map((step) => [
      textOf(step.from),
      textOf(step.to),
      step.source,
      step.evidence ?? '',
      step.firstSeen ?? '',
      step.obstacle ?? '',
    ]),
  )
}

const textOf = ({ type, value }: Identifier): string => `${type} ${value}`

interface Part {
  readonly profileId: number | null
  readonly identifiers: readonly Identifier[]
}

interface Effect {
  readonly before: readonly Part[]
  readonly after: readonly Part[]
  readonly audiences: readonly {
    readonly audience: string
    readonly profiles: number
    readonly destinations: readonly string[]
  }[]
}

async function decide(action: Action, identifiers: readonly string[], options: DecideOptions): Promise<void> {
  await withOperations(options, async (operations) => {
    const effect = await preview(operations, action, identifiers)
    if (options.json) printJson(effect)
    else printEffect(effect)
    if (options.dryRun) return
    if (!options.yes && !(await confirmed('Decide so?'))) return printLine('Nothing was decided.')
    await operations.execute(
      'mutation ($action: IdentityAction!, $identifiers: [String!]!, $note: String) { decideIdentity(action: $action, identifiers: $identifiers, note: $note) }',
      { action, identifiers, note: options.note },
    )
    if (!options.json) printLine('Written to data/identity_decisions.csv; the next `muster run` follows it.')
  })
}

async function preview(operations: Operations, action: Action, identifiers: readonly string[]): Promise<Effect> {
  const { previewIdentityDecision } = await operations.execute<{ previewIdentityDecision: Effect }>(
    `query ($action: IdentityAction!, $identifiers: [String!]!) { previewIdentityDecision(action: $action, identifiers: $identifiers) {
      before { profileId identifiers { type value } } after { profileId identifiers { type value } }
      audiences { audience profiles destinations } } }`,
    { action, identifiers },
  )
  return previewIdentityDecision
}

function printEffect({ before, after, audiences }: Effect): void {
  const rows = (parts: readonly Part[]) =>
    parts.map(({ profileId, identifiers }) => [profileId ?? 'new', identifiers.map(textOf).join(', ')])
  printTable(['profile now', 'identifiers'], rows(before))
  section(['profile then', 'identifiers'], rows(after))
  section(
    ['audience with such members', 'members', 'sent to'],
    audiences.map(({ audience, profiles, destinations }) => [audience, profiles, destinations.join(', ')]),
  )
  printLine()
}
