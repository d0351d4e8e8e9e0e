import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { restoreBackup, verifyBackup } from '../../src/run/index.ts'
import { ServedProject } from './served-project.ts'

const BIN = join(import.meta.dirname, '../../src/cli/bin.ts')
const BATCH = 50

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'muster-backup-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** What the command line prints; rejects with `code` and `stderr` where it fails. */
const muster = (...args: readonly string[]) => promisify(execFile)(process.execPath, [BIN, ...args])

/** Sends events without a pause until it is stopped, and remembers those acknowledged. */
class Load {
  readonly acknowledged: string[] = []
  readonly #url: string
  readonly #stop = new AbortController()
  readonly #sending: Promise<void>
  #next = 0

  constructor(url: string) {
    this.#url = url
    this.#sending = this.#send()
  }

  async until(count: number): Promise<void> {
    while (this.acknowledged.length < count) await new Promise((resolve) => setImmediate(resolve))
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#sending
  }

  async #send(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const ids = Array.from({ length: BATCH }, () => `m${this.#next++}`)
      if (await sendEvents(this.#url, ids)) this.acknowledged.push(...ids)
    }
  }
}

async function sendEvents(url: string, ids: readonly string[]): Promise<boolean> {
  const batch = ids.map((messageId) => ({ type: 'track', event: 'Clicked', userId: messageId, messageId }))
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('dev-web:').toString('base64')}` },
    body: JSON.stringify({ batch }),
  })
  await response.arrayBuffer()
  return response.ok
}

const idsOf = async (project: ServedProject) =>
  (await project.rows<{ ids: string }>("select string_agg(id, ' ') as ids from web.tracks"))[0]?.ids.split(' ') ?? []

describe('a backup under load', () => {
  const backup = () => join(scratch, 'backup')

  test('holds once whatever was acknowledged before it, and the restored project goes on', {
    timeout: 180_000,
  }, async () => {
    let before: readonly string[]
    {
      await using project = await ServedProject.start()
      const load = new Load(project.url)
      await load.until(3000)
      before = [...load.acknowledged]
      const { stdout } = await muster('backup', '--project', project.dir, '--to', backup(), '--json')
      const during = load.acknowledged.length - before.length
      expect(JSON.parse(stdout)).toMatchObject({ state: 'done', pausedMs: expect.any(Number) })
      expect(during).toBeGreaterThan(0)
      await load.until(load.acknowledged.length + 500)
      await load.stop()
    }
    const dir = join(scratch, 'restored')
    expect((await muster('restore', '--from', backup(), '--to', dir)).stdout).toContain('files.')
    await using restored = await ServedProject.serve(dir)
    expect(await sendEvents(restored.url, ['after'])).toBe(true)
    await restored.landed()
    const ids = await idsOf(restored)
    const held = new Set(ids)
    expect(ids.length).toBe(held.size)
    expect(before.filter((id) => !held.has(id))).toEqual([])
    expect(held.has('after')).toBe(true)
  })

  test('is verified', async () => {
    expect((await muster('backup', 'verify', backup())).stdout).toMatch(/all \d+ files are whole/)
  })

  test('goes into a folder that is empty, and so does what is restored of it', async () => {
    const to = backup()
    const failed = { code: 2, stderr: expect.stringContaining('backup_target_taken') }
    await expect(muster('restore', '--from', to, '--to', to)).rejects.toMatchObject(failed)
  })

  test.each([
    ['.muster/warehouse.duckdb', (bytes: Buffer) => bytes.fill(bytes[5000] === 1 ? 2 : 1, 5000, 5001)],
    ['muster.yaml', (bytes: Buffer) => bytes.subarray(0, -1)],
  ])('is refused once %s is damaged, and the file named', async (name, damage) => {
    const file = join(backup(), 'files', name)
    const whole = await readFile(file)
    await writeFile(file, damage(Buffer.from(whole)))
    const damaged = { code: 'backup_damaged', message: expect.stringContaining(`${name} has changed`) }
    const { signal } = new AbortController()
    await expect(verifyBackup(backup(), signal)).rejects.toMatchObject(damaged)
    const to = join(scratch, 'not restored')
    await expect(restoreBackup(backup(), to, signal)).rejects.toMatchObject(damaged)
    await expect(stat(to)).rejects.toMatchObject({ code: 'ENOENT' })
    await writeFile(file, whole)
  })

  test('that was not finished is none', async () => {
    await rm(join(backup(), 'manifest.json'))
    await expect(muster('backup', 'verify', backup())).rejects.toMatchObject({
      stderr: expect.stringContaining('manifest.json'),
    })
  })
})
