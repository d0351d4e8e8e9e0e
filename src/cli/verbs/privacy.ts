import type { Command } from 'commander'
import { MusterError } from '../../core/errors.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import {
  confirmed,
  followDeletion,
  type IdentifierText,
  previewDeletion,
  printPreview,
  printReceipt,
  readDeletions,
} from '../deletion.ts'
import { formatState, printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

interface DeleteOptions extends CommonOptions {
  readonly user?: string
  readonly anonymous?: string
  readonly email?: string
  readonly identifier: readonly string[]
  readonly reason: string
  readonly suppress?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export const verb: Verb = {
  register: (program) => {
    const group = program.command('privacy').description('who is deleted, and whose events are not stored')
    onIds(group, 'suppress')
      .description('acknowledge events of these user or anonymous ids from now on, and do not store them')
      .option('--reason <text>', 'why, naming nobody', '')
      .action(suppress)
    onIds(group, 'unsuppress').description('store events of these ids again').action(unsuppress)
    withCommonOptions(group.command('delete'))
      .description('delete a person from tables, log, archive and identity; identity finds all their identifiers')
      .option('--user <id>', 'user id')
      .option('--anonymous <id>', 'anonymous id')
      .option('--email <address>', 'e-mail address')
      .option('--identifier <type=value>', 'any identifier; may be repeated', collect, [])
      .option('--reason <text>', 'why, naming nobody', '')
      .option('--suppress', 'do not store later events either')
      .option('--dry-run', 'show what would be deleted, and delete nothing')
      .option('--yes', 'do not ask')
      .action(deletePerson)
    withCommonOptions(group.command('deletions')).description('receipts of deletions').action(deletions)
    withCommonOptions(group.command('retain'))
      .description('delete now what sources do not keep any longer; a server does so each hour')
      .action(retain)
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

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value]
}

async function deletePerson(options: DeleteOptions): Promise<void> {
  const { json = false, reason, suppress = false } = options
  const identifiers = identifiersOf(options)
  await withOperations(options, async (operations) => {
    if (options.dryRun || !options.yes) {
      const preview = await previewDeletion(operations, identifiers)
      if (json) printJson(preview)
      else printPreview(preview)
      if (options.dryRun) return
      if (!(await confirmed('Delete all of it?'))) return printLine('Nothing was deleted.')
    }
    const deletion = await followDeletion(operations, { identifiers, reason, suppress })
    if (json) printJson(deletion)
    else printReceipt(deletion)
  })
}

function identifiersOf({ user, anonymous, email, identifier }: DeleteOptions): readonly IdentifierText[] {
  const named = Object.entries({ user_id: user, anonymous_id: anonymous, email })
  const found = named.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value }]))
  const all = [...found, ...identifier.map(identifierOf)]
  if (all.length > 0) return all
  throw new MusterError('usage', 'Nobody was named.', { hint: 'Give --user, --anonymous, --email or --identifier.' })
}

function identifierOf(text: string): IdentifierText {
  const at = text.indexOf('=')
  if (at > 0) return { type: text.slice(0, at), value: text.slice(at + 1) }
  throw new MusterError('usage', `${JSON.stringify(text)} is no identifier.`, { hint: 'Write it as type=value.' })
}

async function deletions(options: CommonOptions): Promise<void> {
  const found = await withOperations(options, readDeletions)
  if (options.json) return printJson(found)
  const sum = (rows: readonly { readonly rows: number }[]) => rows.reduce((total, row) => total + row.rows, 0)
  printTable(
    ['deletion', 'state', 'asked for', 'reason', 'rows', 'records', 'rows left'],
    found.map(({ id, state, requestedAt, reason, rows, archivedRecords, archivedImports, mentions }) => [
      id,
      formatState(state),
      requestedAt,
      reason,
      sum(rows),
      (archivedRecords ?? 0) + (archivedImports ?? 0),
      sum(mentions),
    ]),
  )
}

interface Retained {
  readonly rows: readonly { readonly table: string; readonly rows: number }[]
  readonly archivedRecords: number
  readonly archivedImports: number
  readonly removedSegments: number
}

async function retain(options: CommonOptions): Promise<void> {
  const { retain: retained } = await withOperations(options, (operations) =>
    operations.execute<{ retain: Retained }>(
      'mutation { retain { rows { table rows } archivedRecords archivedImports removedSegments } }',
    ),
  )
  if (options.json) return printJson(retained)
  const { rows, archivedRecords, archivedImports, removedSegments } = retained
  printTable(
    ['table', 'rows deleted'],
    rows.map((row) => [row.table, row.rows]),
  )
  printLine(
    `${archivedRecords + archivedImports} records erased in the archive, ${removedSegments} of its segments removed whole.`,
  )
}
