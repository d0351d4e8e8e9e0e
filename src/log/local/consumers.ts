import { dirname, join } from 'node:path'
import { writeDurably } from '../../core/durable-file.ts'
import { MusterError } from '../../core/errors.ts'
import { type Files, isMissing, readWhole } from '../../core/files.ts'
import { consumersFolder } from './layout.ts'

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/** Keeps the position of `consumer` durably. */
export async function commitPosition(files: Files, dir: string, consumer: string, sequence: number): Promise<void> {
  await writeDurably(positionFile(dir, consumer), `${sequence}\n`, { files })
}

/** The last committed position, which no crash takes back; 0 when there is none. */
export async function readPosition(files: Files, dir: string, consumer: string): Promise<number> {
  const file = positionFile(dir, consumer)
  const text = await contentOf(files, file)
  if (text === undefined) return 0
  // A commit that was killed may have left its file without the folder's sync.
  await files.syncFolder(dirname(file))
  if (!/^\d{1,15}\n$/.test(text)) {
    throw new MusterError(
      'log_corrupt',
      `${file} should hold a sequence number, not ${JSON.stringify(text.slice(0, 40))}`,
    )
  }
  return Number(text)
}

async function contentOf(files: Files, file: string): Promise<string | undefined> {
  try {
    return (await readWhole(files, file)).toString()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function positionFile(dir: string, consumer: string): string {
  if (!NAME.test(consumer)) {
    throw new MusterError('usage', `"${consumer}" cannot name a consumer of the log`, {
      hint: 'Use letters, digits, "_", "-" and ".".',
    })
  }
  return join(consumersFolder(dir), consumer)
}
