/**
 * Kills the worker of a served project again and again while it lands events, puts other obstacles in its way, and compares the
 * tables with what was acknowledged.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { PostgresServer } from '../postgres/postgres-server.ts'
import { ServedProject } from '../server/served-project.ts'
import { accountFor } from './loader-kills/account.ts'
import { Expected } from './loader-kills/expected.ts'
import { putInTheWay } from './loader-kills/obstacles.ts'
import { sendSteadily } from './loader-kills/traffic.ts'

const TIMES = 50
const LOOK_MS = 50
/** Small loads, so that one is under way at nearly every moment. */
const LANDING = { events: 1000, within: '1s' }
/** A worker that lives on so long begins to land held rows. */
const LONG_LIFE_MS = 7000
const DEADLINE_MS = 600_000
const RESTARTS = 5
const TELL_EVERY = 10

interface Settings {
  readonly times: number
  readonly postgres: boolean
}

const USAGE = 'Usage: npm run long -- loader-kills [TIMES] [--postgres]'

/** Undefined when the arguments are not understood. */
function readSettings(): Settings | undefined {
  const options = { postgres: { type: 'boolean', default: false } } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const times = Number(positionals[0] ?? TIMES)
  return times > 0 ? { times, postgres: values.postgres } : undefined
}

interface Position {
  readonly logHead: number
  readonly logPosition: number
}

/** Asks until it is answered: the worker or its database may be away. */
async function positionOf({ operations }: ServedProject): Promise<Position> {
  const until = Date.now() + DEADLINE_MS
  for (;;) {
    try {
      return (await operations.execute<{ status: Position }>('{ status { logHead logPosition } }')).status
    } catch (error) {
      if (Date.now() > until) throw error
      await sleep(LOOK_MS)
    }
  }
}

async function landedPast(project: ServedProject, position: number): Promise<void> {
  const until = Date.now() + DEADLINE_MS
  while ((await positionOf(project)).logPosition < position) {
    if (Date.now() > until) throw new Error(`position ${position} of the log has not landed in ${DEADLINE_MS} ms`)
    await sleep(LOOK_MS)
  }
}

/** Hears what has landed until the signal. */
function listen(project: ServedProject, signal: AbortSignal): () => number {
  let last = 0
  const hear = async () => {
    while (!signal.aborted) {
      last = (await positionOf(project)).logPosition
      await sleep(LOOK_MS * 5)
    }
  }
  hear().catch(() => {}) // whoever waits for landing sees the failure
  return () => last
}

/** At any moment of its life, mostly in the first loads, now and then after it had time to land held rows. */
async function killWorker(project: ServedProject): Promise<void> {
  const { logPosition } = await positionOf(project)
  if (Math.random() < 0.8) await landedPast(project, logPosition + 1)
  await sleep(Math.random() * (Math.random() < 0.1 ? LONG_LIFE_MS : 1500))
  await project.kill('worker')
}

interface Blows {
  readonly kills: number
  readonly restarts: number
}

/** Also restarts the warehouse's server now and then, where it has one. */
async function strike(project: ServedProject, times: number, server?: PostgresServer): Promise<Blows> {
  const every = Math.max(1, Math.floor(times / RESTARTS))
  const blows = { kills: 0, restarts: 0 }
  while (blows.kills < times) {
    await killWorker(project)
    blows.kills += 1
    if (blows.kills % TELL_EVERY === 0) console.log(`${blows.kills} of ${times}`)
    if (!server || blows.kills % every !== 0) continue
    await landedPast(project, (await positionOf(project)).logPosition + 1)
    await sleep(Math.random() * 1000)
    await server.stop(blows.restarts % 2 === 0 ? 'SIGINT' : 'SIGQUIT')
    await server.startAgain()
    blows.restarts += 1
  }
  return blows
}

/** Or the time is up: the account says how many are held then. */
async function noneHeld({ operations }: ServedProject): Promise<void> {
  const until = Date.now() + DEADLINE_MS
  while (Date.now() < until) {
    const { status } = await operations.execute<{ status: { held: readonly object[] } }>(
      '{ status { held { reason } } }',
    )
    if (status.held.length === 0) return
    await sleep(LOOK_MS * 10)
  }
}

async function play({ times, postgres }: Settings): Promise<number> {
  await using server = postgres ? await PostgresServer.start() : undefined
  const database = await server?.createDatabase('kills')
  const warehouse = database === undefined ? { memory_limit: '512MB' } : { engine: 'postgres', url: database }
  await using project = await ServedProject.start(undefined, { warehouse, landing: LANDING })
  const expected = new Expected()
  const landed = async () => landedPast(project, (await positionOf(project)).logHead)
  const over = new AbortController()
  const receiver = { url: project.url, expected, landedThrough: listen(project, over.signal) }
  const sending = sendSteadily(receiver, over.signal)
  await landedPast(project, 1)
  const obstacles = database ? putInTheWay({ ...receiver, database, landed }, over.signal) : undefined
  const striking = strike(project, times, server)
  // Neither ends before it is told to, but it may fail.
  const { kills, restarts } = await Promise.race([striking, Promise.all([sending, obstacles]).then(() => striking)])
  over.abort()
  await sending
  const met = await obstacles
  await landed()
  await noneHeld(project)
  await project.stop()
  const { loads, faults } = await accountFor(project.dir, expected)
  const ways = met
    ? `, ${restarts} restarts of Postgres, ${met.alterations} alterations, ${met.views} foreign views`
    : ''
  console.log(
    `${kills} kills${ways}, ${loads} loads: ${expected.events} events acknowledged, ${expected.copies} of them again,` +
      ` ${expected.users.size} users, ${expected.discards.size} discards: ${faults.length} faults`,
  )
  for (const fault of faults) console.log(`BROKEN ${fault}`)
  if (loads < kills) console.log('BROKEN there were fewer loads than kills: this shows nothing')
  return faults.length === 0 && loads >= kills ? 0 : 1
}

const settings = readSettings()
if (settings === undefined) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  process.exitCode = await play(settings)
}
