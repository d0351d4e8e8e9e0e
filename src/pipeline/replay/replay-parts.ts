import { MusterError } from '../../core/errors.ts'
import { type ArchiveStore, findHoldings, type Gap, type LogReader } from '../../log/index.ts'
import { type ArchivedBatch, readImportIndex } from '../import-archive.ts'
import type { ReplayFilter } from './replay-filter.ts'

/** What is read in one go: consecutive records of the log, wherever they are, or a batch of an import. */
export type ReplayPart =
  | { readonly kind: 'log'; readonly first: number; readonly last: number; readonly records: number }
  | { readonly kind: 'import'; readonly name: string; readonly records: number }

export interface PartsInput {
  /** Of the log. */
  readonly dir: string
  readonly log: LogReader
  readonly archive: ArchiveStore | undefined
  readonly filter: ReplayFilter
  /** The log is read up to here. */
  readonly until: number
  readonly signal?: AbortSignal
}

/**
 * What has to be read for a replay: the log in its order, first from the archive, then the imports. Parts that can hold
 * nothing of what is asked for are left out.
 * @throws MusterError `log_range_gone` where something that may be asked for is nowhere
 */
export async function findParts(input: PartsInput): Promise<readonly ReplayPart[]> {
  const { archive, filter, signal } = input
  const { held, gaps } = await findHoldings(input)
  const gone = gaps.filter((gap) => filter.mayHold(extentOf(gap, filter)))
  if (gone.length > 0) throw rangeGone(gone)
  const parts: ReplayPart[] = []
  for (const { first, last, note } of held) {
    if (note !== undefined && !filter.mayHold(note)) continue
    parts.push({ kind: 'log', first, last, records: last - first + 1 })
  }
  const batches = archive === undefined ? [] : await readImportIndex(archive, signal)
  return [...parts, ...batches.filter(({ note }) => filter.mayHold(note)).map(importPart)]
}

function importPart({ name, note }: ArchivedBatch): ReplayPart {
  return { kind: 'import', name, records: note.events }
}

/** A gap may hold events of any source; it ends before what follows it. */
function extentOf({ after, before }: Gap, { source }: ReplayFilter) {
  const last = before === null ? null : new Date(Date.parse(before) - 1).toISOString()
  return { sources: source === null ? [] : [source], minReceivedAt: after, maxReceivedAt: last }
}

function rangeGone(gaps: readonly Gap[]): MusterError {
  const ranges = gaps.map(({ first, last, after, before }) => {
    const when = [after && `from ${after}`, before && `until ${before}`].filter(Boolean).join(' ')
    return `records ${first} to ${last}, received ${when || 'at an unknown time'}`
  })
  const before = gaps.at(-1)?.before
  return new MusterError('log_range_gone', `Neither log nor archive holds ${ranges.join('; ')}.`, {
    ...(before && { hint: `Restore the archive, or replay what is there, such as --from ${before}.` }),
  })
}
