import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The log's folder:
 *
 *   <first sequence, 20 digits>.log   segments
 *   head                              the durable end, for readers
 *   consumers/<name>                  positions
 *   lock, lock.holder                 of the one writer
 *
 * The archive's folder: `<first>-<last>.log.gz` and, about each, `<first>-<last>.json`.
 */
export const headFile = (dir: string): string => join(dir, 'head')
export const lockFile = (dir: string): string => join(dir, 'lock')
export const consumersFolder = (dir: string): string => join(dir, 'consumers')
export const segmentFile = (dir: string, first: number): string => join(dir, `${digits(first)}.log`)
export const archiveFile = (dir: string, range: Range): string => join(dir, `${rangeName(range)}.log.gz`)
export const archiveNote = (dir: string, range: Range): string => join(dir, `${rangeName(range)}.json`)

/** Sequences from `first` to `last`, both inclusive. */
export interface Range {
  readonly first: number
  readonly last: number
}

const SEGMENT = /^(\d{20})\.log$/
const ARCHIVED = /^(\d{20})-(\d{20})\.log\.gz$/

/** First sequences of the segments in `dir`, ascending; none when the folder does not exist. */
export async function listSegments(dir: string): Promise<number[]> {
  const firsts = (await list(dir)).flatMap((name) => {
    const match = SEGMENT.exec(name)
    return match ? [Number(match[1])] : []
  })
  return firsts.sort((a, b) => a - b)
}

/** Ranges of the archived segments, ascending; none when the folder does not exist. */
export async function listArchive(dir: string): Promise<Range[]> {
  const ranges = (await list(dir)).flatMap((name) => {
    const match = ARCHIVED.exec(name)
    return match ? [{ first: Number(match[1]), last: Number(match[2]) }] : []
  })
  return ranges.sort((a, b) => a.first - b.first)
}

/** Whether a file system call failed because the file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

async function list(dir: string): Promise<string[]> {
  try {
    return await readdir(dir)
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
