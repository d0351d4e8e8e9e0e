import {
  type ArchiveNote,
  type ArchiveStore,
  describeRecord,
  eraseArchived,
  readArchiveIndex,
  removeArchived,
} from '../log/index.ts'
import { eraseImports } from './erase-imports.ts'

/** Source → ISO instant: what it received before is to go. */
export type Cutoffs = ReadonlyMap<string, string>

export interface ExpiredArchive {
  /** Records erased, and the segments they were in. */
  readonly records: number
  readonly segments: number
  /** Events of imports erased. */
  readonly imported: number
  /** Segments removed whole. */
  readonly removed: number
}

interface Described {
  readonly sources: readonly string[]
  readonly minReceivedAt: string | null
  readonly maxReceivedAt: string | null
}

/**
 * Erases in the archive what sources received before their cutoff. Its oldest segments go whole once nothing in them is to
 * be kept; the newest always stays, for it says where the log's numbers go on.
 */
export async function expireArchive(
  archive: ArchiveStore,
  cutoffs: Cutoffs,
  signal: AbortSignal,
): Promise<ExpiredArchive> {
  const isExpired = (payload: Buffer) => {
    const { source = null, receivedAt = '' } = describeRecord(payload) ?? {}
    return source !== null && receivedAt < (cutoffs.get(source) ?? '')
  }
  const notes = await readArchiveIndex(archive, signal)
  const newest = notes.at(-1)
  const kept = notes.findIndex((note) => note === newest || !isWhollyExpired(note, cutoffs))
  const oldest = notes.slice(0, Math.max(0, kept))
  for (const note of oldest) await removeArchived(archive, note)
  const held = new Set(
    notes
      .slice(oldest.length)
      .filter((note) => mayHold(note, cutoffs))
      .map(({ first }) => first),
  )
  const range = { mayHold: ({ first }: { readonly first: number }) => held.has(first) }
  const erased = await eraseArchived({ archive, isGone: isExpired, ...range, signal })
  const batches = { mayHold: (note: Described) => mayHold(note, cutoffs) }
  const imported = await eraseImports({ archive, isGone: isExpired, ...batches, signal })
  return { ...erased, imported, removed: oldest.length }
}

/** Whether all of it is erased, or of sources that keep nothing of its time. What no source sent goes with it. */
function isWhollyExpired({ sources, maxReceivedAt }: ArchiveNote, cutoffs: Cutoffs): boolean {
  if (maxReceivedAt === null) return true
  return sources.length > 0 && sources.every((source) => maxReceivedAt < (cutoffs.get(source) ?? ''))
}

function mayHold({ sources, minReceivedAt }: Described, cutoffs: Cutoffs): boolean {
  return minReceivedAt !== null && sources.some((source) => minReceivedAt < (cutoffs.get(source) ?? ''))
}
