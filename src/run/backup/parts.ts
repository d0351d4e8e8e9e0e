import { isAbsolute, join, relative, sep } from 'node:path'
import type { Project } from '../../project/index.ts'
import { walk } from './walk.ts'

/** One part of what a project consists of. */
export interface Part {
  /** Where it is in muster.yaml. */
  readonly setting: string
  /** Absolute. */
  readonly from: string
  /** Relative to the restored project, with forward slashes. */
  readonly to: string
}

export interface Parts {
  /** Absent where the warehouse is no file. */
  readonly warehouse: Part | undefined
  readonly log: Part
  /** Absent where there is none, or it is not on this machine. */
  readonly archive: Part | undefined
}

export function partsOf({ root, warehouse, log }: Project): Parts {
  const partOf = (setting: string, from: string, usual: string): Part => ({
    setting,
    from,
    to: placeOf(root, from) ?? usual,
  })
  return {
    warehouse:
      warehouse.engine === 'duckdb' ? partOf('warehouse.path', warehouse.path, '.muster/warehouse.duckdb') : undefined,
    log: partOf('log.path', log.dir, '.muster/log'),
    archive: log.archive?.kind === 'folder' ? partOf('log.archive', log.archive.dir, '.muster/archive') : undefined,
  }
}

/** The parts that lie outside the project's folder. */
export function movedParts({ root }: Project, parts: Parts): readonly Part[] {
  return [parts.warehouse, parts.log, parts.archive].filter(
    (part) => part !== undefined && placeOf(root, part.from) === undefined,
  ) as readonly Part[] // filtered
}

/** Files that people wrote: not what Muster keeps, nor what belongs to other tools, nor variables of the environment. */
export function projectFiles({ root }: Project, parts: Parts, backup: string): AsyncGenerator<string> {
  const { warehouse, log, archive } = parts
  const kept = new Set([warehouse?.to, `${warehouse?.to}.wal`, log.to, archive?.to, placeOf(root, backup)])
  return walk(root, (path, name) => kept.has(path) || SKIPPED.has(name) || /^\.env(\..*)?$/.test(name))
}

const SKIPPED: ReadonlySet<string> = new Set(['.muster', '.git', 'node_modules'])

/** Segments of the log and what is beside them, but for what a process holds while it runs; the head comes before the records it speaks of. */
export async function logFiles({ from }: Part): Promise<readonly string[]> {
  const files: string[] = []
  for await (const path of walk(from, isOfProcess)) files.push(path)
  return files.sort((one, other) => Number(other === 'head') - Number(one === 'head') || (one < other ? -1 : 1))
}

/** Locks, drafts, and positions that the warehouse has too: they may be ahead of the copy of it. */
function isOfProcess(path: string, name: string): boolean {
  return name.startsWith('lock') || name.endsWith('.tmp') || path === 'consumers'
}

/** Files of the archive: each is put there whole, under its name. */
export function archiveFiles({ from }: Part): AsyncGenerator<string> {
  return walk(from, (_, name) => name.endsWith('.tmp'))
}

/** The path within the project, with forward slashes; undefined outside it. */
function placeOf(root: string, path: string): string | undefined {
  const within = relative(root, path)
  return within === '' || within.startsWith('..') || isAbsolute(within) ? undefined : within.split(sep).join('/')
}

export const pathIn = (folder: string, path: string): string => join(folder, ...path.split('/'))
