import { join } from 'node:path'
import { type Files, isMissing } from '../../core/files.ts'
import type { ArchiveStore } from '../archive/store.ts'

/**
 * The log's folder:
 *
 *   <first sequence, 20 digits>.log   segments
 *   head                              the durable end, for readers
 *   consumers/<name>                  positions
 *   lock, lock.holder                 of the one writer
 *   close-segment                     asks the writer to close the segment it is writing
 *
 * In the archive: `<first>-<last>.log.gz` and, about each, `<first>-<last>.json`.
 */
export const headFile = (dir: string): string => join(dir, 'head')
export const lockFile = (dir: string): string => join(dir, 'lock')
export const closeRequestFile = (dir: string): string => join(dir, 'close-segment')
export const consumersFolder = (dir: string): string => join(dir, 'consumers')
export const segmentFile = (dir: string, first: number): string => join(dir, `${digits(first)}.log`)
/** Names in the archive. */
export const archiveFile = (range: Range): string => `${rangeName(range)}.log.gz`
export const archiveNote = (range: Range): string => `${rangeName(range)}.json`

/** Sequences from `first` to `last`, both inclusive. */
export interface Range {
  readonly first: number
  readonly last: number
}

const SEGMENT = /^(\d{20})\.log$/
const ARCHIVED = /^(\d{20})-(\d{20})\.log\.gz$/

/** First sequences of the segments in `dir`, ascending; none when the folder does not exist. */
export async function listSegments(files: Files, dir: string): Promise<number[]> {
  const firsts = (await list(files, dir)).flatMap((name) => {
    const match = SEGMENT.exec(name)
    return match ? [Number(match[1])] : []
  })
  return firsts.sort((a, b) => a - b)
}

/** Ranges of the archived segments, ascending. */
export async function listArchive(archive: ArchiveStore, signal?: AbortSignal): Promise<Range[]> {
  const ranges = (await archive.list('', signal)).flatMap((name) => {
    const match = ARCHIVED.exec(name)
    return match ? [{ first: Number(match[1]), last: Number(match[2]) }] : []
  })
  return ranges.sort((a, b) => a.first - b.first)
}

async function list(files: Files, dir: string): Promise<string[]> {
  try {
    return await files.list(dir)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function digits(sequence: number): string {
  return String(sequence).padStart(20, '0')
}

function rangeName({ first, last }: Range): string {
  return `${digits(first)}-${digits(last)}`
}
