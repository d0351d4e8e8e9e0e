/**
 * Deleting a person from the command line: shows what there is, asks, follows, prints the receipt.
 */
import { createInterface } from 'node:readline/promises'
import { MusterError } from '../core/errors.ts'
import type { Operations } from '../server/index.ts'
import { follow } from './follow.ts'
import { formatNumber, printLine, printTable } from './print.ts'

export interface IdentifierText {
  readonly type: string
  readonly value: string
}

interface TableRows {
  readonly table: string
  readonly rows: number
}

export interface Preview {
  readonly identifiers: readonly IdentifierText[]
  readonly rows: readonly TableRows[]
}

export interface DeletionRow {
  readonly id: string
  readonly state: string
  readonly reason: string
  readonly suppress: boolean
  readonly requestedAt: string
  readonly endedAt: string | null
  readonly error: string | null
  readonly hashes: readonly string[]
  readonly identifiers: Readonly<Record<string, number>>
  readonly rows: readonly TableRows[]
  readonly archivedRecords: number | null
  readonly archivedImports: number | null
  readonly archiveMentions: number | null
  readonly mentions: readonly (TableRows & { readonly why: string })[]
  readonly files: readonly string[]
  readonly notes: readonly string[]
}

const FIELDS = `id state reason suppress requestedAt endedAt error hashes identifiers rows { table rows } archivedRecords
  archivedImports archiveMentions mentions { table rows why } files notes`

export async function previewDeletion(
  operations: Operations,
  identifiers: readonly IdentifierText[],
): Promise<Preview> {
  const { deletionPreview } = await operations.execute<{ deletionPreview: Preview }>(
    'query ($identifiers: [IdentifierInput!]!) { deletionPreview(identifiers: $identifiers) { identifiers { type value } rows { table rows } } }',
    { identifiers },
  )
  return deletionPreview
}

/** Starts a deletion and waits for its end; a server that is started again meanwhile goes on with it. */
export async function followDeletion(
  operations: Operations,
  variables: { readonly identifiers: readonly IdentifierText[]; readonly reason: string; readonly suppress: boolean },
): Promise<DeletionRow> {
  const { startDeletion } = await operations.execute<{ startDeletion: { id: string } }>(
    `mutation ($identifiers: [IdentifierInput!]!, $reason: String, $suppress: Boolean) {
       startDeletion(identifiers: $identifiers, reason: $reason, suppress: $suppress) { id } }`,
    variables,
  )
  const ended = await follow(async () => {
    const { deletion } = await operations.execute<{ deletion: DeletionRow }>(
      `query ($id: String!) { deletion(id: $id) { ${FIELDS} } }`,
      { id: startDeletion.id },
    )
    return deletion.state === 'running' ? undefined : deletion
  })
  if (ended.state === 'done') return ended
  throw new MusterError('deletion_incomplete', `Deletion ${ended.id} is not done: ${ended.error}`)
}

export async function readDeletions(operations: Operations): Promise<readonly DeletionRow[]> {
  const { deletions } = await operations.execute<{ deletions: readonly DeletionRow[] }>(`{ deletions { ${FIELDS} } }`)
  return deletions
}

/** Whether the person at the terminal says yes. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new MusterError('usage', 'Nobody is there to be asked.', { hint: 'Add --yes to go on without being asked.' })
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

export function printPreview({ identifiers, rows }: Preview): void {
  printLine(`Identifiers of the person: ${identifiers.map(({ type, value }) => `${type} ${value}`).join(', ')}`)
  if (rows.length === 0) printLine('No table has a row of theirs.')
  else printCounts(rows)
  printLine('What log and archive hold of them is found when it is deleted.')
}

export function printReceipt(deletion: DeletionRow): void {
  printLine(`Deletion ${deletion.id}, asked for at ${deletion.requestedAt}, done at ${deletion.endedAt ?? '–'}`)
  printCounts(deletion.rows)
  const { archivedRecords, archivedImports, archiveMentions, mentions, files } = deletion
  printLine(
    `${formatNumber(archivedRecords ?? 0)} records of the log and ${formatNumber(archivedImports ?? 0)} events of imports erased.`,
  )
  for (const { table, rows, why } of mentions) printLine(`Left: ${formatNumber(rows)} rows of ${table}: ${why}.`)
  if (archiveMentions) printLine(`Left: ${formatNumber(archiveMentions)} archived records of others name the person.`)
  for (const file of files) printLine(`An address of the person still stands in ${file}, because of what was left.`)
  for (const note of deletion.notes) printLine(note)
  printLine(`${deletion.hashes.length} tombstones: nothing of before lands again, by import, replay or late.`)
  printLine(deletion.suppress ? 'Later events are not stored.' : 'Later events of the same ids are a new relationship.')
}

function printCounts(rows: readonly TableRows[]): void {
  const some = rows.filter((row) => row.rows > 0)
  if (some.length > 0)
    printTable(
      ['table', 'rows'],
      some.map((row) => [row.table, row.rows]),
    )
}
