import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { encodeRecord, openLogWriter } from '../../src/log/index.ts'
import { ServedProject } from './served-project.ts'

const BIN = join(import.meta.dirname, '../../src/cli/bin.ts')
const TEMPLATE = join(import.meta.dirname, '../../src/project/template')
const FIELDS = 'position source fate reason type event userId messageId requestIp payload body skipped'

interface Shown {
  readonly position: number
  readonly fate: string
  readonly event: string | null
  readonly skipped: number
}

let project: ServedProject
beforeAll(async () => {
  project = await ServedProject.start()
}, 60_000)
afterAll(async () => {
  await project[Symbol.asyncDispose]()
})

async function send(events: readonly object[]): Promise<void> {
  const response = await fetch(`${project.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('dev-web:')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch: events }),
  })
  expect(response.status).toBe(200)
}

const track = (event: string, userId: string | undefined = 'u1') => ({ type: 'track', event, userId })

async function head(): Promise<number> {
  const { status } = await project.operations.execute<{ status: { logHead: number } }>('{ status { logHead } }')
  return status.logHead
}

/** What a subscription shows of the events after a position, once `act` sent them; it is left when `enough`. */
async function watch(
  more: string,
  { after, act, enough }: { after: number; act: () => Promise<void>; enough: (shown: readonly Shown[]) => boolean },
): Promise<readonly Shown[]> {
  const stop = new AbortController()
  const query = `subscription ($after: Float) { liveEvents(after: $after${more}) { ${FIELDS} } }`
  const watching = project.operations
    .subscribe<{ liveEvents: Shown }>(query, () => ({ after }), stop.signal)
    [Symbol.asyncIterator]()
  const first = watching.next()
  await act()
  const shown: Shown[] = []
  for (let next = await first; !next.done; next = await watching.next()) {
    shown.push(next.value.liveEvents)
    if (enough(shown)) stop.abort()
  }
  return shown
}

const sum = (shown: readonly Shown[]) => shown.reduce((total, { skipped }) => total + 1 + skipped, 0)

describe('the subscription', () => {
  test('shows what is accepted and what is rejected, with the reason', async () => {
    const after = await head()
    const act = () => send([track('Signed Up'), { type: 'track', event: 'Nobody' }, { type: 'trak', userId: 'u2' }])
    const shown = await watch('', { after, act, enough: ({ length }) => length === 3 })
    expect(shown).toEqual([
      expect.objectContaining({
        position: after + 1,
        source: 'web',
        fate: 'ACCEPTED',
        reason: null,
        type: 'track',
        event: 'Signed Up',
        userId: 'u1',
        messageId: expect.any(String),
        requestIp: '127.0.0.1',
        payload: expect.objectContaining({ event: 'Signed Up' }),
        body: null,
        skipped: 0,
      }),
      expect.objectContaining({
        position: after + 2,
        fate: 'REJECTED',
        reason: expect.stringContaining('anonymousId'),
        event: 'Nobody',
        payload: null,
        body: expect.stringContaining('Nobody'),
      }),
      expect.objectContaining({ fate: 'REJECTED', reason: expect.stringContaining('type must be'), userId: 'u2' }),
    ])
  })

  test.each([
    [', event: "B"', ['B', 'B']],
    [', fate: REJECTED', ['R', 'S']],
    [', type: "page"', ['P', 'Q']],
    [', source: "web", event: "B"', ['B', 'B']],
  ])('filters by %s', async (more, expected) => {
    const page = (name: string) => ({ type: 'page', name, userId: 'u1' })
    const refused = (event: string) => ({ type: 'track', event })
    const act = async () => {
      await send([track('A'), track('B'), refused('R'), page('P')])
      await send([track('B'), page('Q'), refused('S'), track('C')])
    }
    const shown = await watch(more, { after: await head(), act, enough: ({ length }) => length === expected.length })
    expect(shown.map(({ event }) => event)).toEqual(expected)
  })

  test('samples a burst and counts what it leaves out', { timeout: 60_000 }, async () => {
    const after = await head()
    const act = async () => {
      for (let sent = 0; sent < 20_000; sent += 500) await send(Array.from({ length: 500 }, () => track('Burst')))
    }
    const began = performance.now()
    const shown = await watch(', perSecond: 20', {
      after,
      act,
      enough: (soFar) => soFar.at(-1)?.position === after + 20_000,
    })
    expect(sum(shown)).toBe(20_000)
    // What came before the subscription had begun is past, of which up to 1,000 are shown at once.
    expect(shown.length).toBeLessThan(1000 + 20 * (2 + (performance.now() - began) / 1000))
  })

  test('names what is wrong', async () => {
    const failing = (more: string) =>
      watch(more, { after: 0, act: async () => {}, enough: () => true }).catch((error: unknown) => error)
    expect(await failing(', source: "none"')).toMatchObject({ code: 'unknown_source', hint: 'There are: web.' })
    expect(await failing(', fate: LOST')).toMatchObject({ code: 'usage' })
  })

  test('is left by whoever breaks off, whenever that is', { timeout: 120_000 }, async () => {
    const body = JSON.stringify({ query: 'subscription { liveEvents { position } }' })
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
    const open = (signal: AbortSignal) => fetch(`${project.url}/graphql`, { method: 'POST', headers, body, signal })
    for (let round = 0; round < 60; round++) {
      const stop = new AbortController()
      const opened = open(stop.signal).catch(() => undefined) // broken off before the answer
      await sleep(Math.random() * 15)
      stop.abort()
      await opened
    }
    /** Fifty more at once, and what the one after them is told. */
    const fill = async () => {
      const stop = new AbortController()
      const opened = await Promise.all(Array.from({ length: 50 }, () => open(stop.signal)))
      const refused = await open(stop.signal)
      const told = await refused.text()
      stop.abort()
      return { statuses: [...new Set(opened.map(({ status }) => status))], refused: refused.status, told }
    }
    const full = { statuses: [200], refused: 429, told: expect.stringContaining('too_many_watchers') }
    for (let time = 0; time < 2; time++) {
      await vi.waitFor(async () => expect(await fill()).toEqual(full), { timeout: 50_000, interval: 300 })
    }
  })
})

/** Colours are on where CI is set, also in a pipe. */
const COLOURLESS = { ...process.env, NO_COLOR: '1' }

/** `muster tail --json` as a process of its own, and what it prints. */
class Tail implements AsyncDisposable {
  readonly shown: Shown[] = []
  readonly #child: ChildProcess

  constructor(...args: readonly string[]) {
    const child = spawn(process.execPath, [BIN, 'tail', '--project', project.dir, '--json', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: child.stdout }).on('line', (line) => this.shown.push(JSON.parse(line) as Shown)) // its own output
    this.#child = child
  }

  async until(position: number): Promise<void> {
    while ((this.shown.at(-1)?.position ?? 0) < position) await sleep(20)
  }

  /** Ctrl-C; resolves with the exit code. */
  async interrupt(): Promise<number | null> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGINT')
    const [code] = (await ended) as [number | null]
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.interrupt()
  }
}

describe('muster tail', () => {
  test('goes on without a gap when the worker is killed, and ends with Ctrl-C', { timeout: 120_000 }, async () => {
    await send([track('First')])
    const start = await head()
    await using tail = new Tail('--last', '1', '--per-second', '1000')
    await tail.until(start)
    let sent = 0
    for (let round = 0; round < 60; round++) {
      await send(Array.from({ length: 5 }, () => track(`E${++sent}`)))
      if (round === 10 || round === 30) await project.kill('worker')
      await sleep(50)
    }
    await tail.until(start + sent)
    expect(tail.shown.map(({ event }) => event)).toEqual([
      'First',
      ...Array.from({ length: sent }, (_, n) => `E${n + 1}`),
    ])
    expect(sum(tail.shown)).toBe(1 + sent)
    expect(await tail.interrupt()).toBe(0)
  })

  test('shows lines for people, and a closed pipe is no failure', { timeout: 120_000 }, async () => {
    await send([track('Later')])
    const command = `set -o pipefail; "${process.execPath}" "${BIN}" tail --project "${project.dir}" --last 1 | head -1`
    let ended = false
    const running = promisify(execFile)('bash', ['-c', command], { env: COLOURLESS }).finally(() => {
      ended = true
    })
    while (!ended) {
      await send([track('Later')])
      await sleep(50)
    }
    const { stdout } = await running
    expect(stdout).toMatch(/^\S+Z +web +accepted +track +Later +u1\n$/)
  })

  test('says that no server runs, and shows the past without one', { timeout: 120_000 }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'muster-tail-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    await cp(TEMPLATE, dir, { recursive: true })
    const run = (...args: readonly string[]) =>
      promisify(execFile)(process.execPath, [BIN, 'tail', '--project', dir, ...args], { env: COLOURLESS })
    await expect(run()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('[server_absent]') })
    await using writer = await openLogWriter({ dir: join(dir, '.muster/log'), maxDiskBytes: 1e9 })
    const arrival = { source: 'web', receivedAt: '2026-01-02T03:04:05.678Z', requestIp: '::1' }
    const payload = encodeRecord({ kind: 'rejected', ...arrival, reason: 'no id', body: '{"event":"Lost"}' })
    await writer.append([{ key: '', payload }])
    const { stdout } = await run('--last', '5')
    expect(stdout).toMatch(/^2026-01-02T03:04:05.678Z .*rejected .*Lost .*no id\nNo server runs for this project/)
  })
})
