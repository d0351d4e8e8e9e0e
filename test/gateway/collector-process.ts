import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suppressionHash } from '../../src/event/index.ts'
import { type RuntimeConfigInput, writeRuntimeConfig, writeSuppressions } from '../../src/gateway/index.ts'
import { type LogReader, openLogReader, type StoredRecord } from '../../src/log/index.ts'
import type { Testimony } from './witness.ts'

const MAIN = join(import.meta.dirname, '../../src/gateway/collector-main.ts')
const WITNESS = new URL('./witness.ts', import.meta.url).href

/** A webhook's body is its events. */
export const WEBHOOK = { map: { file: 'body.jsonata', text: '$' } }

/** A user whose events are not stored. */
export const GONE = 'gone'

/** A real collector in a process of its own, before a worker that knows nothing. */
export class CollectorProcess implements AsyncDisposable {
  readonly port: number
  readonly #dir: string
  readonly #child: ChildProcess
  readonly #worker: Server
  readonly #reader: LogReader
  #seen = 0
  #complaints = ''

  static async start(sources: RuntimeConfigInput['sources']): Promise<CollectorProcess> {
    const dir = await mkdtemp(join(tmpdir(), 'muster-bad-input-'))
    const socketPath = join(dir, 'worker.sock')
    const runtimeFile = join(dir, 'runtime.json')
    const suppressionsFile = join(dir, 'suppressions.json')
    await writeSuppressions(suppressionsFile, { salt: '', hashes: [suppressionHash('', GONE)] })
    await writeRuntimeConfig(runtimeFile, { version: 1, sources, socketPath, suppressionsFile })
    const worker = await ignorantWorker(socketPath)
    const settings = { dir: logOf(dir), maxDiskBytes: 4e9, runtimeFile, host: '127.0.0.1', port: 0, socketPath }
    const child = fork(MAIN, [JSON.stringify(settings)], {
      execArgv: ['--import', WITNESS],
      env: { ...process.env, MUSTER_LOG: 'warn' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    return new CollectorProcess(dir, await portOf(child), child, worker)
  }

  private constructor(dir: string, port: number, child: ChildProcess, worker: Server) {
    this.#dir = dir
    this.port = port
    this.#child = child
    this.#worker = worker
    this.#reader = openLogReader({ dir: logOf(dir) })
    child.stderr?.on('data', (chunk) => {
      this.#complaints += chunk
    })
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** All it has written to standard error. */
  get complaints(): string {
    return this.#complaints
  }

  async testimony(): Promise<Testimony> {
    const answer = once(this.#child, 'message')
    this.#child.send('how are you?')
    const [{ testimony }] = (await answer) as [{ testimony: Testimony }] // witness.ts says nothing else
    return testimony
  }

  /** The records that came since the last call. */
  async newRecords(): Promise<readonly StoredRecord[]> {
    const found: StoredRecord[] = []
    for await (const records of this.#readAfter(this.#seen)) found.push(...records)
    this.#seen = found.at(-1)?.sequence ?? this.#seen
    return found
  }

  /** Everything in the log, piece by piece. */
  allRecords(): AsyncIterable<readonly StoredRecord[]> {
    return this.#readAfter(0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = this.running ? once(this.#child, 'exit') : undefined
    this.#child.kill('SIGTERM')
    await gone
    await this.#reader.close()
    this.#worker.closeAllConnections()
    this.#worker.close()
    await rm(this.#dir, { recursive: true, force: true })
  }

  async *#readAfter(sequence: number): AsyncIterable<readonly StoredRecord[]> {
    for (let after = sequence; ; ) {
      const { records, last } = await this.#reader.read({ after, maxRecords: 10_000, maxBytes: 16e6 })
      if (records.length === 0) return
      yield records
      after = last
    }
  }
}

function logOf(dir: string): string {
  return join(dir, 'log')
}

/** Where the collector listens, which is the first it says. */
async function portOf(child: ChildProcess): Promise<number> {
  const exited = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code} at once`)))
  const [{ type, port, message }] = (await Promise.race([once(child, 'message'), exited])) as [Said]
  if (type === 'failed') throw new Error(message)
  exited.catch(() => undefined)
  return port
}

/** Of collector-main. */
type Said = { readonly type: 'ready' | 'failed'; readonly port: number; readonly message: string }

/** Answers all that is not collection, so that an error of the proxy is not taken for the worker's absence. */
async function ignorantWorker(socketPath: string): Promise<Server> {
  const worker = createServer((incoming, outgoing) => {
    incoming.resume()
    outgoing.writeHead(404, { 'content-type': 'application/json' })
    outgoing.end(JSON.stringify({ code: 'not_found', message: 'the worker has no such page', hint: 'Ask another.' }))
  })
  worker.listen(socketPath)
  await once(worker, 'listening')
  return worker
}
