/**
 * One history of a loader that dies again and again while it lands a messy log, held against one uninterrupted load.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { between, chance, type Random, seededRandom } from '../../src/core/test/seeded-random.ts'
import { openLogWriter } from '../../src/log/index.ts'
import { messyRecords } from './messy-events.ts'
import { Dead } from './mortal-warehouse.ts'
import { copyLeft, Site } from './site.ts'
import { eventTables } from './tables.ts'

export interface History {
  readonly seed: number
  readonly events: number
  readonly deaths: number
  /** What differs from the uninterrupted load; undefined when nothing does. */
  readonly violation: string | undefined
}

export interface HistoryOptions {
  readonly seed: number
  readonly offsetFirst?: boolean
}

const PROJECT =
  'version: 1\nwarehouse: { memory_limit: 256MB, threads: 1 }\nsources:\n  web: { write_key: w }\n  app: { write_key: a }\n'
const SCHEMAS = ['web', 'app']

export async function playHistory({ seed, offsetFirst = false }: HistoryOptions): Promise<History> {
  const random = seededRandom(seed)
  const root = await mkdtemp(join(tmpdir(), 'muster-history-'))
  try {
    const records = messyRecords(random, between(random, 5, 120))
    const first = join(root, '0')
    await writeProject(first, records)
    const expected = await landedAtOnce(first, join(root, 'expected'))
    const { dir, deaths } = await landDying(random, root, offsetFirst)
    await using site = await Site.open({ dir, events: 1000 })
    const found = await eventTables(site.warehouse, SCHEMAS)
    return { seed, events: records.length, deaths, violation: difference(expected, found) }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function writeProject(dir: string, records: ReturnType<typeof messyRecords>): Promise<void> {
  await using writer = await openLogWriter({ dir: join(dir, '.muster', 'log'), maxDiskBytes: 1e9 })
  await writer.append(records)
  await writeFile(join(dir, 'muster.yaml'), PROJECT)
}

async function landedAtOnce(from: string, dir: string) {
  await copyLeft(from, dir)
  await using site = await Site.open({ dir, events: 100_000 })
  await site.catchUp()
  return await eventTables(site.warehouse, SCHEMAS)
}

/** Lands the log in batches of any size, dying at random; what each death leaves is where the next begins. */
async function landDying(random: Random, root: string, offsetFirst: boolean): Promise<{ dir: string; deaths: number }> {
  const most = between(random, 1, 4)
  let dir = join(root, '0')
  for (let deaths = 0; ; deaths++) {
    const next = join(root, `${deaths + 1}`)
    const here = dir
    const death = { afterStatements: between(random, 1, 120), onDeath: () => copyLeft(here, next) }
    const options = { dir, events: between(random, 1, 40), offsetFirst }
    const site = await Site.open(deaths < most ? { ...options, death } : options)
    try {
      await site.catchUp()
      // Reads it all once more: every event is a copy now.
      if (chance(random, 0.3)) {
        await site.state.transaction((session) => session.run(site.state.table('offsets').delete()))
        await using again = await Site.open({ dir: await copied(dir, `${dir}-again`), events: 7 })
        await again.catchUp()
        return { dir: `${dir}-again`, deaths }
      }
      return { dir, deaths }
    } catch (error) {
      if (!(error instanceof Dead)) throw error
      dir = next
    } finally {
      await site[Symbol.asyncDispose]()
    }
  }
}

async function copied(from: string, to: string): Promise<string> {
  await copyLeft(from, to)
  return to
}

type Tables = Awaited<ReturnType<typeof eventTables>>

function difference(expected: Tables, found: Tables): string | undefined {
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const wanted = expected[name] ?? []
    const has = found[name] ?? []
    if (isDeepStrictEqual(wanted, has)) continue
    const missing = wanted.find((line) => !has.includes(line))
    const added = has.find((line) => !wanted.includes(line))
    return `${name}: ${wanted.length} lines became ${has.length}; missing ${missing}; added ${added}`
  }
  return undefined
}
