import { readFile } from 'node:fs/promises'
import type { Problem } from '../core/problems.ts'
import { problem } from './report.ts'

export type TextFile = { readonly text: string } | { readonly problem: Problem }

/** Reads a file as UTF-8 without its byte order mark; what cannot be read is a problem of that file. */
export async function readTextFile(path: string, file: string): Promise<TextFile> {
  try {
    return decode(await readFile(path), file)
  } catch (error) {
    return { problem: unreadable(file, error) }
  }
}

/** The problem of a file or folder that the system does not give. */
export function unreadable(file: string, error: unknown): Problem {
  const reason = REASONS[codeOf(error) ?? ''] ?? String(codeOf(error) ?? 'unknown error')
  return problem('unreadable_file', { file, line: 1, column: 1 }, `${file} cannot be read: ${reason}`)
}

/** The system's code of a failure, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is a file, not a folder',
  ENOENT: 'it does not exist, or is a link to nothing',
  ELOOP: 'it is a link to itself',
}

function decode(bytes: Buffer, file: string): TextFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const nul = text.indexOf('\0')
    return nul < 0 ? { text } : { problem: notText(file, text.slice(0, nul), 'a NUL character') }
  } catch {
    return { problem: notText(file, validStart(bytes), 'a byte sequence that is not UTF-8') }
  }
}

function notText(file: string, before: string, what: string): Problem {
  const lines = before.split('\n')
  const place = { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
  return problem('not_utf8', place, `the file holds ${what}`, 'save it as UTF-8')
}

/** The text before the first invalid sequence: a replacement character that the bytes do not spell. */
function validStart(bytes: Buffer): string {
  const text = new TextDecoder('utf-8').decode(bytes)
  for (let at = text.indexOf('\uFFFD'); at >= 0; at = text.indexOf('\uFFFD', at + 1)) {
    const offset =
      Buffer.byteLength(text.slice(0, at)) + (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)
    if (bytes.subarray(offset, offset + 3).toString('latin1') !== '\xef\xbf\xbd') return text.slice(0, at)
  }
  return text
}
