/**
 * A project served by real processes, which a test may kill.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemEffects } from '../../src/core/effects.ts'
import { createLogger, type Operations, openOperations } from '../../src/server/index.ts'

const TEMPLATE = join(import.meta.dirname, '../../src/project/template')
const BIN = join(import.meta.dirname, '../../src/cli/bin.ts')

export type Role = 'worker' | 'collector'

export class ServedProject implements AsyncDisposable {
  readonly dir: string
  readonly url: string
  readonly operations: Operations
  readonly #server: ChildProcess

  /**
   * Serves a copy of the project template on a free port; `sources` as in muster.yaml, in place of the template's, and
   * `more` of its keys, such as `warehouse`.
   */
  static async start(
    sources?: Readonly<Record<string, object>>,
    more: Readonly<Record<string, object>> = {},
  ): Promise<ServedProject> {
    const dir = await mkdtemp(join(tmpdir(), 'muster-served-'))
    await cp(TEMPLATE, dir, { recursive: true })
    if (sources !== undefined) await replaceSources(join(dir, 'muster.yaml'), sources)
    await addKeys(join(dir, 'muster.yaml'), more)
    return ServedProject.serve(dir)
  }

  /** Serves what is in a folder, which is removed in the end. */
  static async serve(dir: string): Promise<ServedProject> {
    const server = spawn(process.execPath, [BIN, 'serve', '--project', dir, '--port', '0', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MUSTER_LOG: 'error' },
    })
    let said = ''
    for await (const chunk of server.stdout) {
      said += chunk
      if (said.includes('}')) break
    }
    const { url } = JSON.parse(said) as { url: string } // what serve --json prints
    const operations = await openOperations({ dir, env: 'dev', effects: systemEffects, logger: createLogger('test') })
    return new ServedProject(dir, url, operations, server)
  }

  private constructor(dir: string, url: string, operations: Operations, server: ChildProcess) {
    this.dir = dir
    this.url = url
    this.operations = operations
    this.#server = server
  }

  /** kill -9 of one of the two processes, as soon as it runs. */
  async kill(role: Role): Promise<void> {
    for (;;) {
      const pid = this.#pidOf(role)
      if (pid !== undefined) {
        process.kill(pid, 'SIGKILL')
        return
      }
      await sleep(20)
    }
  }

  /** Resident memory of one of the two processes. */
  residentMiB(role: Role): number {
    const kib = execFileSync('ps', ['-o', 'rss=', '-p', String(this.#pidOf(role))], { encoding: 'utf8' })
    return Math.round(Number(kib) / 1024)
  }

  async rows<R>(sql: string): Promise<R[]> {
    const { rows } = await this.operations.execute<{ rows: { rows: R[] } }>(
      'query ($sql: String!) { rows(sql: $sql, limit: 10000) { rows } }',
      { sql },
    )
    return rows.rows
  }

  /** Resolves once everything acknowledged has landed. */
  async landed(): Promise<void> {
    for (;;) {
      const { status } = await this.operations.execute<{ status: { lag: number } }>('{ status { lag } }')
      if (status.lag === 0) return
      await sleep(50)
    }
  }

  /** Ends the processes and leaves the folder. */
  async stop(): Promise<void> {
    if (this.#server.exitCode !== null) return
    const ended = once(this.#server, 'exit')
    this.#server.kill('SIGTERM')
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.dir, { recursive: true, force: true })
  }

  #pidOf(role: Role): number | undefined {
    try {
      const pids = execFileSync('pgrep', ['-P', String(this.#server.pid), '-f', `${role}-main`], { encoding: 'utf8' })
      return Number(pids.trim().split('\n')[0])
    } catch {
      return undefined // pgrep found none
    }
  }
}

async function replaceSources(file: string, sources: Readonly<Record<string, object>>): Promise<void> {
  const text = await readFile(file, 'utf8')
  // JSON is YAML too.
  await writeFile(file, text.replace(/^sources:\n(?: .*\n)+/m, `sources: ${JSON.stringify(sources)}\n`))
}

async function addKeys(file: string, keys: Readonly<Record<string, object>>): Promise<void> {
  await appendFile(
    file,
    Object.entries(keys)
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
      .join(''),
  )
}
