import type { Effects } from '../../core/effects.ts'
import type { ArchiveSettings } from '../../project/index.ts'
import { folderArchive } from './folder-store.ts'
import { s3Archive } from './s3-store.ts'
import type { ArchiveStore } from './store.ts'

/** The archive a project names; undefined when it keeps none. Nothing is read or written yet. */
export function openArchive(settings: ArchiveSettings | undefined, effects: Effects): ArchiveStore | undefined {
  switch (settings?.kind) {
    case undefined:
      return undefined
    case 'folder':
      return folderArchive(settings.dir, effects.files)
    case 's3':
      return s3Archive(settings, effects)
  }
}
