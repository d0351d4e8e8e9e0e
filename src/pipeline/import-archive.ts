import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** One batch of an import, as it goes to the archive. */
export interface ImportedBatch {
  readonly id: string
  readonly first: number
  readonly last: number
  /** Log payloads, one a line. */
  readonly lines: readonly string[]
}

/** Keeps a batch in the archive, durable, before it lands; the same lines again replace the same file. */
export async function archiveBatch(archive: string, { id, first, last, lines }: ImportedBatch): Promise<void> {
  const folder = join(archive, 'imports', id)
  await mkdir(folder, { recursive: true })
  const name = join(folder, `${String(first).padStart(12, '0')}-${String(last).padStart(12, '0')}.ndjson.gz`)
  const file = await open(`${name}.part`, 'w')
  try {
    await file.writeFile(gzipSync(lines.map((line) => `${line}\n`).join(''), { level: 1 }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${name}.part`, name)
}
