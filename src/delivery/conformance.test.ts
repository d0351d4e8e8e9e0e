/**
 * Every connector against its twin: an independent reading of the vendor's documentation.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Effects, systemEffects } from '../core/effects.ts'
import { type Connector, loadConnectors } from './connector.ts'
import type { DeliveryRow, DestinationObject, LiveDestination, Operation } from './delivery.ts'
import { openDestination } from './destination.ts'
import { startTwin } from './start-twin.ts'
import { twinMembers, twinState } from './twin-reader.ts'
import type { RunningTwin } from './twin-server.ts'

const connectors = [...(await loadConnectors()).values()]
const effects: Effects = { ...systemEffects, sleep: async () => {} }
const logger = pino({ level: 'silent' })
const ATTEMPTS = 5
/** A time limit short enough to wait for. */
const HASTY_SECONDS = 0.3

describe.each(connectors.map((connector) => [connector.name, connector] as const))('%s', (_, connector) => {
  let dir: string
  let twin: RunningTwin
  let live: LiveDestination
  let object: DestinationObject
  const options = { [connector.manifest.object.create.given]: 'At risk' }
  const [ann, bob, obrien] = ['ann@x.io', 'bob@x.io', "o'brien@example.com"].map((email) =>
    rowOf(connector, email),
  ) as [DeliveryRow, DeliveryRow, DeliveryRow]

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'muster-twin-'))
    twin = await startTwin({ connector, destination: 'played', dir })
    live = open(connector, twin)
    object = await live.createObject(options)
  })

  afterEach(async () => {
    await twin.close()
    await rm(dir, { recursive: true })
  })

  const deliver = (operation: Operation, rows: readonly DeliveryRow[], signal?: AbortSignal) =>
    live.deliver({ object, options, operation, rows, ...(signal && { signal }) })
  const statuses = async (operation: Operation, rows: readonly DeliveryRow[]) =>
    (await deliver(operation, rows)).map(({ status }) => status)
  const fault = async (body: object) => {
    const response = await fetch(`${twin.url}/__twin/faults`, { method: 'POST', body: JSON.stringify(body) })
    expect(response.status).toBe(204)
  }
  const holds = async () => {
    const text = JSON.stringify(await twinMembers(twin.url, object.id))
    return [ann, bob, obrien].filter(({ key }) => text.includes(JSON.stringify(key)))
  }

  test('finds what it created, and nothing before', async () => {
    await live.check()
    expect(await live.findObject(options)).toMatchObject({ id: object.id, name: 'At risk' })
    const named = Object.fromEntries(Object.keys(options).map((option) => [option, 'Another']))
    expect(await live.findObject(named)).toBeUndefined()
  })

  test('adds, updates and removes, each as often as one likes', async () => {
    for (const rows of [[ann, bob, obrien], [ann]])
      expect(await statuses('add', rows)).toEqual(rows.map(() => 'delivered'))
    expect(await holds()).toEqual([ann, bob, obrien])
    expect(await statuses('update', [ann])).toEqual(['delivered'])
    expect(await holds()).toEqual([ann, bob, obrien])
    for (let time = 0; time < 2; time += 1)
      expect(await statuses('remove', [bob, obrien])).toEqual(['delivered', 'delivered'])
    expect(await holds()).toEqual([ann])
  })

  test('keeps its members when it is started again, and forgets them when told', async () => {
    await deliver('add', [ann, bob])
    await twin.close()
    twin = await startTwin({ connector, destination: 'played', dir })
    expect(await holds()).toEqual([ann, bob])
    expect((await twinState(twin.url)).objects).toEqual([{ id: object.id, name: 'At risk', members: 2 }])
    await fetch(`${twin.url}/__twin/reset`, { method: 'POST' })
    expect((await twinState(twin.url)).objects).toEqual([])
  })

  test('shows a page of what it holds', async () => {
    await deliver('add', [ann])
    const page = await (await fetch(twin.url)).text()
    expect(page).toContain('At risk')
    expect(page).toContain('<td>1</td>')
  })

  test.each([
    ['rate_limit', 'failed'],
    ['server_error', 'in_doubt'],
    ['reset', 'in_doubt'],
    ['timeout', 'in_doubt'],
  ])('a passing %s is retried; a lasting one ends as %s', async (kind, status) => {
    if (kind === 'timeout') live = open(connector, twin, HASTY_SECONDS)
    await fault({ kind, times: ATTEMPTS - 1 })
    expect(await statuses('add', [ann])).toEqual(['delivered'])
    await fault({ kind, times: ATTEMPTS })
    expect(await statuses('add', [bob, obrien])).toEqual([status, status])
    expect(await holds()).toEqual([ann])
    expect(await statuses('add', [bob, obrien])).toEqual(['delivered', 'delivered'])
  })

  test.each(['reset', 'timeout'])('after a %s that lost the answer only, sending again settles it', async (kind) => {
    if (kind === 'timeout') live = open(connector, twin, HASTY_SECONDS)
    await fault({ kind, times: ATTEMPTS, applied: true })
    expect(await statuses('add', [ann])).toEqual(['in_doubt'])
    expect(await statuses('add', [ann])).toEqual(['delivered'])
    expect(await holds()).toEqual([ann])
  })

  test('a lost answer stays in doubt although later attempts are throttled', async () => {
    await fault({ kind: 'reset' })
    await fault({ kind: 'rate_limit', times: ATTEMPTS })
    expect(await statuses('add', [ann])).toEqual(['in_doubt'])
  })

  test('tells refused rows from the others', async () => {
    await fault({ kind: 'reject_rows', keys: [bob.key], times: 20 })
    expect(await statuses('add', [ann, bob, obrien])).toEqual(['delivered', 'rejected', 'delivered'])
    expect(await holds()).toEqual([ann, obrien])
  })

  test('a row in doubt when stopped on the way, failed when stopped before', async () => {
    expect(await deliver('add', [ann], AbortSignal.abort())).toMatchObject([{ status: 'failed', code: 'stopped' }])
    await fault({ kind: 'timeout' })
    expect(await deliver('add', [ann], AbortSignal.timeout(50))).toMatchObject([
      { status: 'in_doubt', code: 'stopped' },
    ])
  })

  test('is refused with another secret, which no message shows', async () => {
    const secrets = Object.entries(connector.manifest.settings).filter(([, { secret }]) => secret)
    const wrong = Object.fromEntries(secrets.map(([name]) => [name, 'not-the-secret-us1']))
    const stranger = open(connector, { ...twin, credentials: { ...twin.credentials, ...wrong } })
    await expect(stranger.check()).rejects.toMatchObject({
      code: 'destination_refused',
      message: expect.not.stringContaining('not-the-secret'),
    })
    expect(await stranger.deliver({ object, options, operation: 'add', rows: [ann] })).toMatchObject([
      { status: 'failed' },
    ])
  })

  test('fails without effect when nobody listens', async () => {
    await twin.close()
    expect(await statuses('add', [ann])).toEqual(['failed'])
    await expect(live.check()).rejects.toMatchObject({ code: 'destination_unreachable' })
    twin = await startTwin({ connector, destination: 'played', dir })
  })

  test('sends nothing to a private address unless it may', async () => {
    const guarded = openDestination({ connector, settings: twin.credentials, baseUrl: twin.url, effects, logger })
    await expect(guarded.check()).rejects.toMatchObject({ message: expect.stringContaining('127.0.0.1') })
  })

  test('takes a whole batch', async () => {
    const rows = Array.from({ length: live.limits.batch }, (__, place) => rowOf(connector, `person${place}@x.io`))
    const outcomes = await deliver('add', rows)
    expect(outcomes.filter(({ status }) => status === 'delivered')).toHaveLength(rows.length)
    expect((await twinState(twin.url)).objects).toMatchObject([{ members: rows.length }])
  })
})

function open(connector: Connector, { url, credentials }: RunningTwin, seconds = 10): LiveDestination {
  const { manifest } = connector
  const limited = { ...connector, manifest: { ...manifest, limits: { ...manifest.limits, timeout_seconds: seconds } } }
  return openDestination({
    connector: limited,
    settings: credentials,
    baseUrl: url,
    allowPrivate: true,
    effects,
    logger,
  })
}

function rowOf({ manifest: { fields, key } }: Connector, email: string): DeliveryRow {
  const hashed = fields[key]?.hash === 'sha256'
  return {
    key: hashed ? createHash('sha256').update(email).digest('hex') : email,
    fields: { first_name: hashed ? null : 'Ann' },
  }
}
