import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { MusterError } from './errors.ts'
import { acquireLock } from './lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'muster-lock-'))
const file = join(folder, 'deep', 'lock')
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function refusal(waitMs: number): Promise<MusterError> {
  const error: unknown = await acquireLock(file, { waitMs }).catch((thrown: unknown) => thrown)
  if (error instanceof MusterError) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

test('one holder at a time; the other reads who it is', async () => {
  const lock = await acquireLock(file, { waitMs: 0, what: 'muster serve' })
  const error = await refusal(60)
  expect(error).toMatchObject({ code: 'project_locked' })
  expect(error.message).toContain(`muster serve (process ${process.pid})`)
  await lock.release()
  await lock.release()
  const next = await acquireLock(file, { waitMs: 0 })
  await next.release()
})

test('who waits gets it as soon as it is free', async () => {
  const lock = await acquireLock(file, { waitMs: 0 })
  const waiting = acquireLock(file, { waitMs: 10_000 })
  await lock.release()
  await (await waiting).release()
})

test('it dies with its process, killed or not', async () => {
  const code = `import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
    await acquireLock(${JSON.stringify(file)}, { waitMs: 0, what: 'a child' }); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect((await refusal(0)).message).toContain(`a child (process ${child.pid})`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = await acquireLock(file, { waitMs: 0 })
  await lock.release()
})
