import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../../core/files.ts'

const CHUNK = 4 * 1024 * 1024

/** Those of the files, and of the files in the folders, whose bytes hold one of the texts, in whatever case. */
export async function filesHolding(paths: readonly string[], texts: readonly string[]): Promise<readonly string[]> {
  const wanted = texts.filter((text) => text !== '').map(plain)
  const found: string[] = []
  if (wanted.length === 0) return found
  for (const path of paths) {
    for (const file of await filesUnder(path)) if (await holds(file, wanted)) found.push(file)
  }
  return found
}

/** UTF-8 as one character a byte: what is compared is bytes, and letters of ASCII without their case. */
const plain = (text: string): string => Buffer.from(text).toString('latin1').toLowerCase()

async function filesUnder(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true, recursive: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    return isMissing(error) ? [] : [path]
  }
}

async function holds(path: string, wanted: readonly string[]): Promise<boolean> {
  const overlap = Math.max(...wanted.map(({ length }) => length)) - 1
  try {
    await using file = await open(path, 'r')
    const buffer = Buffer.alloc(CHUNK)
    let rest = ''
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK)
      if (bytesRead === 0) return false
      const text = rest + buffer.toString('latin1', 0, bytesRead).toLowerCase()
      if (wanted.some((needle) => text.includes(needle))) return true
      rest = overlap === 0 ? '' : text.slice(-overlap)
    }
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
