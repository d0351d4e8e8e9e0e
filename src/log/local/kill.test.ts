import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { testFolder, testWriter, textsIn } from '../test/scratch.ts'

const writerModule = join(import.meta.dirname, 'writer.ts')

/** A process that appends `round:n` in small groups for ever and prints each n that was acknowledged. */
function appender(dir: string, round: number) {
  const code = `import { openLogWriter } from ${JSON.stringify(writerModule)}
    import { writeSync } from 'node:fs'
    const writer = await openLogWriter({ dir: ${JSON.stringify(dir)}, maxDiskBytes: 1e9, segmentBytes: 4000 })
    let n = 0
    const loop = async () => { for (;;) {
      const mine = n++
      await writer.append([{ key: '', payload: Buffer.from('${round}:' + mine) }])
      writeSync(1, mine + '\\n')
    } }
    await Promise.all([loop(), loop(), loop()])`
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Kills the process after it acknowledged `count` records; what it acknowledged, in the order printed. */
async function killAfter(count: number, dir: string, round: number): Promise<string[]> {
  const child = appender(dir, round)
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(`${round}:${line}`)
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  return acknowledged
}

test('a writer killed again and again keeps every record it acknowledged, once', { timeout: 60_000 }, async () => {
  const dir = await testFolder()
  const acknowledged: string[] = []
  for (const [round, count] of [1, 17, 90, 333, 5].entries()) {
    acknowledged.push(...(await killAfter(count, dir, round)))
    const writer = await testWriter({ dir })
    await writer.close()
    const found = await textsIn(dir)
    expect(new Set(found).size).toBe(found.length)
    expect(new Set(found)).toEqual(new Set([...found, ...acknowledged]))
  }
})
