/**
 * Plays docs/adding-a-connector.md: its blocks become a project's connector, which must work.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemEffects } from '../core/effects.ts'
import { findPackageRoot } from '../core/package-root.ts'
import { openDuckdb } from '../warehouse/duckdb/duckdb-warehouse.ts'
import { readCases } from './cases.ts'
import { type Connector, loadConnectors } from './connector.ts'
import { openDestination } from './destination.ts'
import { playCase } from './play-case-contract.ts'
import { renderConnectorDoc } from './render-doc.ts'
import { startTwin } from './start-twin.ts'
import { twinMembers } from './twin-reader.ts'

const recipe = await readFile(join(findPackageRoot(), 'docs', 'adding-a-connector.md'), 'utf8')
const blocks = [...recipe.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)]

let project: string
let acme: Connector

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'muster-recipe-'))
  for (const [, file = '', text = ''] of blocks) {
    await mkdir(dirname(join(project, file)), { recursive: true })
    await writeFile(join(project, file), text)
  }
  acme = (await loadConnectors(project)).get('acme') as Connector
})

afterAll(() => rm(project, { recursive: true }))

test('the connector is found beside those of Muster', async () => {
  expect([...(await loadConnectors(project)).keys()]).toEqual(expect.arrayContaining(['acme', 'mailchimp']))
  expect(renderConnectorDoc(acme)).toContain('# Acme')
})

test('its conversation goes as recorded', async () => {
  const scratch = join(project, 'scratch')
  await using warehouse = await openDuckdb({ path: join(project, 'w.duckdb'), scratch, data: join(project, 'data') })
  for (const { settings, cases } of await readCases(acme.folder)) {
    for (const recorded of cases) await playCase(warehouse, acme, settings, recorded)
  }
})

test('it works with its twin', async () => {
  const twin = await startTwin({ connector: acme, destination: 'acme', dir: join(project, 'twins') })
  const logger = pino({ level: 'silent' })
  const live = openDestination({
    connector: acme,
    settings: twin.credentials,
    baseUrl: twin.url,
    allowPrivate: true,
    effects: systemEffects,
    logger,
  })
  const options = { list: 'At risk' }
  await live.check()
  expect(await live.findObject(options)).toBeUndefined()
  const object = await live.createObject(options)
  const ann = { key: 'ann@x.io', fields: { first_name: 'Ann' } }
  expect(await live.deliver({ object, options, operation: 'add', rows: [ann] })).toEqual([{ status: 'delivered' }])
  expect(await twinMembers(twin.url, object.id)).toEqual([{ email: 'ann@x.io', first_name: 'Ann' }])
  expect(await live.findObject(options)).toEqual({ ...object, size: 1 })
  for (let time = 0; time < 2; time += 1) {
    expect(await live.deliver({ object, options, operation: 'remove', rows: [ann] })).toEqual([{ status: 'delivered' }])
  }
  expect(await twinMembers(twin.url, object.id)).toEqual([])
  await twin.close()
})
