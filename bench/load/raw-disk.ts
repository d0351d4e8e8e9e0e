import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** What the disk allows: appends of `bytes`, each followed by fdatasync, one after the other. Returns how many a second. */
export async function rawAppends(dir: string, bytes: Uint8Array, milliseconds: number): Promise<number> {
  await using file = await open(join(dir, `raw-${bytes.length}`), 'w')
  return await perSecond(milliseconds, async () => {
    await file.write(bytes)
    await file.datasync()
  })
}

/** How often a second `work` gets done, one after the other. */
export async function perSecond(milliseconds: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  let times = 0
  while (performance.now() - began < milliseconds) {
    await work()
    times++
  }
  return (times * 1000) / (performance.now() - began)
}
