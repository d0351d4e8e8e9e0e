import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../core/durable-file.ts'
import { MusterError, messageOf } from '../../core/errors.ts'
import { isMissing } from '../../core/files.ts'
import { packageVersion } from '../../core/package-root.ts'
import type { LogReader } from '../../log/index.ts'
import type { Project } from '../../project/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { copyHashed, hashOf } from './copy-file.ts'
import { type BackedUpFile, filesFolder, type Manifest, writeManifest } from './manifest.ts'
import { archiveFiles, logFiles, movedParts, type Part, partsOf, pathIn, projectFiles } from './parts.ts'

export interface BackupInput {
  readonly project: Project
  readonly warehouse: Warehouse
  readonly log: LogReader
  /** Of the warehouse's consumer. */
  readonly position: () => Promise<number>
  /** Absolute; new or empty. */
  readonly to: string
  readonly now: () => Date
  readonly signal: AbortSignal
  /** Called with each file that is done. */
  readonly onFile: (file: BackedUpFile) => void
}

export interface BackupResult {
  readonly manifest: Manifest
  /** For so long sessions of the warehouse waited. */
  readonly pausedMs: number
}

/**
 * Copies a project while it is at work: first the warehouse as of one instant, then the log, so that what was acknowledged
 * and not in that copy of the warehouse is in the copy of the log. No segment may leave the log meanwhile.
 * Throws `backup_target_taken`, `backup_unwritable`.
 */
export async function backUp(input: BackupInput): Promise<BackupResult> {
  await requireEmpty(input.to)
  try {
    return await copyAll(input)
  } catch (error) {
    input.signal.throwIfAborted()
    if (error instanceof MusterError) throw error
    throw new MusterError('backup_unwritable', `The backup cannot be written: ${messageOf(error)}`, { cause: error })
  }
}

/** Throws `backup_target_taken`. */
export async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw new MusterError('backup_target_taken', `${folder} is no folder: ${messageOf(error)}`, { cause: error })
  })
  if (names.length > 0) throw new MusterError('backup_target_taken', `${folder} is not empty: it holds ${names[0]}.`)
}

async function copyAll(input: BackupInput): Promise<BackupResult> {
  const { project, warehouse, log, to, now, signal, onFile } = input
  const target = filesFolder(to)
  const parts = partsOf(project)
  const createdAt = now().toISOString()
  const files: BackedUpFile[] = []
  const done = (path: string, content: { readonly bytes: number; readonly sha256: string }) => {
    files.push({ path, ...content })
    onFile({ path, ...content })
  }
  const copy = async (part: Part, path: string) => {
    const name = `${part.to}/${path}`
    done(name, await copyHashed(pathIn(part.from, path), pathIn(target, name), signal))
  }

  await makeFolder(target)
  const position = await input.position()
  const pausedMs = parts.warehouse === undefined ? 0 : await copyWarehouse(warehouse, parts.warehouse, target)
  const logHead = await log.head()
  for (const path of await logFiles(parts.log)) await copy(parts.log, path)
  if (parts.archive) for await (const path of archiveFiles(parts.archive)) await copy(parts.archive, path)
  for await (const path of projectFiles(project, parts, to)) {
    done(path, await copyHashed(pathIn(project.root, path), pathIn(target, path), signal))
  }
  for (const path of await warehouseFiles(parts.warehouse, target))
    done(path, await hashOf(pathIn(target, path), signal))

  const moved = movedParts(project, parts)
  const { name, env } = project
  const about = { format: 1, muster: packageVersion(), createdAt, project: name, environment: env } as const
  const manifest = {
    ...about,
    engine: project.warehouse.engine,
    logHead,
    position,
    archive: remoteArchive(project),
    moved,
    files,
  }
  await writeManifest(to, manifest)
  return { manifest, pausedMs }
}

function remoteArchive({ log: { archive } }: Project): string | null {
  return archive?.kind === 's3' ? `${archive.endpoint}/${archive.bucket}/${archive.prefix}` : null
}

async function copyWarehouse(warehouse: Warehouse, part: Part, target: string): Promise<number> {
  const file = pathIn(target, part.to)
  await makeFolder(join(file, '..'))
  const began = performance.now()
  await warehouse.copyTo(file)
  return Math.round(performance.now() - began)
}

/** The copy of the warehouse, in one file or with its write-ahead log. */
async function warehouseFiles(part: Part | undefined, target: string): Promise<readonly string[]> {
  if (part === undefined) return []
  const names = new Set(await readdir(join(pathIn(target, part.to), '..')))
  return [part.to, `${part.to}.wal`].filter((path) => names.has(path.slice(path.lastIndexOf('/') + 1)))
}
