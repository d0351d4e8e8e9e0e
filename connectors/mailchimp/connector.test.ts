import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemEffects } from '../../src/core/effects.ts'
import type { Connector, DestinationObject, LiveDestination, Operation, RunningTwin } from '../../src/delivery/index.ts'
import { loadConnectors, openDestination, startTwin } from '../../src/delivery/index.ts'
import { twinMembers } from '../../src/delivery/twin-reader.ts'

const connector = (await loadConnectors()).get('mailchimp') as Connector
const ANN = 'ann@x.io'

let dir: string
let twin: RunningTwin
let live: LiveDestination
let object: DestinationObject

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-mailchimp-'))
  twin = await startTwin({ connector, destination: 'mail', dir })
  live = openDestination({
    connector,
    settings: twin.credentials,
    baseUrl: twin.url,
    allowPrivate: true,
    effects: systemEffects,
    logger: pino({ level: 'silent' }),
  })
})

afterAll(async () => {
  await twin.close()
  await rm(dir, { recursive: true })
})

beforeEach(async () => {
  await fetch(`${twin.url}/__twin/reset`, { method: 'POST' })
  object = await live.createObject({ tag: 'At risk' })
})

async function deliver(operation: Operation, leavers = 'untag', fields: Record<string, string | null> = {}) {
  const options = { tag: 'At risk', leavers }
  const [outcome] = await live.deliver({ object, options, operation, rows: [{ key: ANN, fields }] })
  return outcome
}

const act = (does: string) =>
  fetch(`${twin.url}/__twin/people`, { method: 'POST', body: JSON.stringify({ email_address: ANN, does }) })
const contact = async () => (await twinMembers(twin.url))[0]

test.each([
  ['unsubscribe', 'unsubscribed'],
  ['bounce', 'cleaned'],
])('who did %s stays %s and gets no tag', async (does, status) => {
  await act(does)
  expect(await deliver('add')).toMatchObject({ status: 'rejected', code: `member_${status}` })
  expect(await contact()).toMatchObject({ status, tags: [] })
  expect(await deliver('remove')).toEqual({ status: 'delivered' })
})

test.each([
  ['untag', 'subscribed'],
  ['archive', 'archived'],
  ['unsubscribe', 'unsubscribed'],
])('leavers: %s leaves the contact %s, untagged', async (leavers, status) => {
  await deliver('add', leavers)
  expect(await contact()).toMatchObject({ status: 'subscribed', tags: ['At risk'] })
  for (let time = 0; time < 2; time += 1) expect(await deliver('remove', leavers)).toEqual({ status: 'delivered' })
  expect(await contact()).toMatchObject({ status, tags: [] })
})

test('who was archived on leaving comes back', async () => {
  await deliver('add', 'archive')
  await deliver('remove', 'archive')
  expect(await deliver('add', 'archive')).toEqual({ status: 'delivered' })
  expect(await contact()).toMatchObject({ status: 'subscribed', tags: ['At risk'] })
})

test('who unsubscribed and was archived then does not', async () => {
  await act('unsubscribe')
  await deliver('remove', 'archive')
  expect(await deliver('add', 'archive')).toMatchObject({ status: 'rejected', code: 'compliance' })
})

test('a field is cleared by an update and left alone by an addition', async () => {
  await deliver('add', 'untag', { first_name: 'Ann' })
  await deliver('add', 'untag', { first_name: null })
  expect(await contact()).toMatchObject({ merge_fields: { FNAME: 'Ann' } })
  await deliver('update', 'untag', { first_name: null })
  expect(await contact()).toMatchObject({ merge_fields: { FNAME: '' } })
})
