/**
 * A backup: a folder with `manifest.json`, which is written last, and `files/`, laid out as the project that is restored of it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../../core/durable-file.ts'
import { MusterError, messageOf } from '../../core/errors.ts'

const file = z.object({
  /** Relative to `files/`, with forward slashes. */
  path: z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\0]+$/),
  bytes: z.int().nonnegative(),
  /** 64 lower-case hex digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const schema = z.object({
  format: z.literal(1),
  /** Version of Muster that made it. */
  muster: z.string(),
  createdAt: z.string(),
  project: z.string(),
  environment: z.string(),
  /** `duckdb`: its file is among the files. Otherwise the engine's own tools back it up. */
  engine: z.string(),
  /** Last record of the log that the backup holds. */
  logHead: z.int().nonnegative(),
  /** The warehouse had landed at least this record of the log when it was copied. */
  position: z.int().nonnegative(),
  /** The bucket that holds the archive, which is not copied; null where it is among the files, or there is none. */
  archive: z.string().nullable(),
  /** Parts that lay outside the project's folder: the setting in muster.yaml, and where the part is in the restored project. */
  moved: z.array(z.object({ setting: z.string(), from: z.string(), to: z.string() })).readonly(),
  files: z.array(file.readonly()).readonly(),
})

export type Manifest = Readonly<z.output<typeof schema>>
export type BackedUpFile = Manifest['files'][number]

export const filesFolder = (backup: string): string => join(backup, 'files')
const manifestFile = (backup: string): string => join(backup, 'manifest.json')

/** Makes a backup whole: a folder without a manifest is none. */
export async function writeManifest(backup: string, manifest: Manifest): Promise<void> {
  await writeDurably(manifestFile(backup), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Throws `backup_damaged`. */
export async function readManifest(backup: string): Promise<Manifest> {
  const path = manifestFile(backup)
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new MusterError('backup_damaged', `${path} cannot be read: ${message}`, { cause: error })
  }
}
