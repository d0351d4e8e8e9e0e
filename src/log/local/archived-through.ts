import { type Effects, systemEffects } from '../../core/effects.ts'
import { MusterError } from '../../core/errors.ts'
import type { ArchiveStore } from '../archive/store.ts'
import { listArchive, listSegments } from './layout.ts'

export interface ArchivedLog {
  readonly dir: string
  readonly archive?: ArchiveStore | undefined
  readonly effects?: Effects
}

/**
 * Last sequence of the archive, for the writer of a log that has no segments; 0 where it has some, which say themselves
 * where they end. Throws as the archive does: numbers given twice would lose events.
 */
export async function archivedThrough({ dir, archive, effects = systemEffects }: ArchivedLog): Promise<number> {
  if (archive === undefined || (await listSegments(effects.files, dir)).length > 0) return 0
  try {
    return (await listArchive(archive)).at(-1)?.last ?? 0
  } catch (error) {
    if (!(error instanceof MusterError)) throw error
    throw new MusterError(error.code, `${dir} is empty, and must go on where the archive ends: ${error.message}`, error)
  }
}
