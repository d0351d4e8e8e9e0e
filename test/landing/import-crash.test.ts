import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemEffects } from '../../src/core/effects.ts'
import { openArchive } from '../../src/log/index.ts'
import { type ImportRecord, readImport, writeImport } from '../../src/pipeline/import-record.ts'
import { readImportIndex } from '../../src/pipeline/index.ts'
import { runImport } from '../../src/pipeline/run-import.ts'
import { requireProject } from '../../src/project/index.ts'
import { Dead } from './mortal-warehouse.ts'
import { copyLeft, Site, type SiteOptions } from './site.ts'

const ID = 'history'
/** Two loads and a bit. */
const ROWS = 41_000
const REFUSED = 41
const PROJECT = 'version: 1\nwarehouse: { memory_limit: 512MB, threads: 1 }\nsources: { web: { write_key: w } }\n'

let root: string
let file: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-import-crash-'))
  file = join(root, 'history.ndjson.gz')
  const line = (n: number) =>
    n % 1000 === 0
      ? '{"type":"track"'
      : JSON.stringify({ type: 'track', event: 'Paid', userId: `u${n % 50}`, properties: { n } })
  await writeFile(file, gzipSync(Array.from({ length: ROWS }, (_, n) => `${line(n)}\n`).join('')))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function newProject(name: string): Promise<string> {
  const dir = join(root, name)
  await mkdir(join(dir, '.muster'), { recursive: true })
  await writeFile(join(dir, 'muster.yaml'), PROJECT)
  return dir
}

/** Begins the import, or goes on where its record says, as a process that starts does. */
async function importOn(site: Site, dir: string): Promise<void> {
  const project = await requireProject(dir, { variables: process.env })
  const { landing, state } = site
  const settings = {
    project: () => project,
    archive: archiveOf(dir),
    landing,
    state,
    effects: systemEffects,
    logger: pino({ level: 'silent' }),
  }
  const record = (await readImport(state, ID)) ?? (await begun())
  await writeImport(state, record)
  await runImport(settings, record, new AbortController().signal)
}

const archiveOf = (dir: string) => openArchive({ kind: 'folder', dir: join(dir, '.muster/archive') }, systemEffects)

async function begun(): Promise<ImportRecord> {
  const counts = { line: 0, bytes: 0, events: 0, duplicates: 0, rejected: 0, total_bytes: (await stat(file)).size }
  const about = { id: ID, source: 'web', file, fingerprint: '', map: '', state: 'running', error: null } as const
  return { ...about, ...counts, started_at: new Date(), ended_at: null }
}

interface Resumed {
  readonly counts: object
  /** Up to which line it had landed at each death. */
  readonly lines: readonly number[]
}

/** Imports, dying at those statements one after the other; what each death leaves is where the next process begins. */
async function importDying(name: string, deaths: readonly number[], more: Partial<SiteOptions> = {}): Promise<Resumed> {
  const lines: number[] = []
  let dir = await newProject(name)
  for (const afterStatements of deaths) {
    const here = dir
    const left = join(root, `${name}-${lines.length}`)
    const death = { afterStatements, onDeath: () => copyLeft(here, left) }
    const site = await Site.open({ ...more, dir, events: 1000, death })
    const died = await importOn(site, dir).catch((error: unknown) => error)
    await site[Symbol.asyncDispose]()
    expect(died).toBeInstanceOf(Dead)
    dir = left
    await using alive = await Site.open({ dir, events: 1000 })
    lines.push((await readImport(alive.state, ID))?.line ?? 0)
  }
  await using site = await Site.open({ dir, events: 1000 })
  await importOn(site, dir)
  return { counts: await counts(site, dir), lines }
}

async function counts(site: Site, dir: string) {
  const [rows] = await site.warehouse.session((session) =>
    session.query(`select (select count(*) from web.tracks) as events, (select count(distinct id) from web.tracks) as ids,
      (select count(distinct n) from web.paid) as numbers, (select count(*) from muster.rejected_events) as refused`),
  )
  const { events, rejected, duplicates, state, bytes, total_bytes } =
    (await readImport(site.state, ID)) ?? (await begun())
  const index = await readImportIndex(archiveOf(dir) ?? expect.fail('there is an archive'))
  const archived = index.reduce((sum, { note }) => sum + note.events, 0)
  return { ...rows, archived, record: { events, rejected, duplicates, state, whole: bytes === total_bytes } }
}

const EVENTS = ROWS - REFUSED
const EXACT = {
  events: EVENTS,
  ids: EVENTS,
  numbers: EVENTS,
  refused: REFUSED,
  archived: EVENTS,
  record: { events: EVENTS, rejected: REFUSED, duplicates: 0, state: 'done', whole: true },
}

test('an import that dies within and between its loads goes on, and all counts are exact', {
  timeout: 60_000,
}, async () => {
  const { counts: found, lines } = await importDying('dies', [8, 28, 12])
  expect(found).toEqual(EXACT)
  expect(lines.filter((line) => line > 0 && line < ROWS)).not.toEqual([])
})

test('the test above can fail: it does when the record is committed before the rows', { timeout: 60_000 }, async () => {
  const { counts: found } = await importDying('fails', [16], { offsetFirst: true })
  expect(found).not.toEqual(EXACT)
})
