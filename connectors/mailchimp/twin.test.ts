import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { twinMembers } from '../../src/delivery/twin-reader.ts'
import { type RunningTwin, serveTwin } from '../../src/delivery/twin-server.ts'
import { twin as definition } from './twin.ts'

const { api_key: key = '', list_id: list } = definition.credentials
const LIST = `/3.0/lists/${list}`
const FOO = 'f3ada405ce890b6f8204094deb12d8a8'

let dir: string
let twin: RunningTwin

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-mailchimp-'))
  twin = await serveTwin({ twin: definition, destination: 'mail', dir })
})

afterAll(async () => {
  await twin.close()
  await rm(dir, { recursive: true })
})

beforeEach(() => fetch(`${twin.url}/__twin/reset`, { method: 'POST' }))

async function call(method: string, path: string, body?: object, authorization = `Bearer ${key}`) {
  const headers = authorization === '' ? {} : { authorization }
  const response = await fetch(`${twin.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

const batch = (members: readonly object[], more: object = {}) =>
  call('POST', LIST, { members, update_existing: true, ...more })
const act = (email_address: string, does: string) =>
  fetch(`${twin.url}/__twin/people`, { method: 'POST', body: JSON.stringify({ email_address, does }) })
const statusOf = async (hash: string) => (await call('GET', `${LIST}/members/${hash}`)).body.status

describe('calls it refuses', () => {
  test.each([
    ['no key', LIST, '', 401, 'API Key Missing'],
    ['another key', LIST, 'Basic eDp5', 401, 'API Key Invalid'],
    ['another list', '/3.0/lists/other', undefined, 404, 'Resource Not Found'],
    ['an unknown path', '/3.0/campaigns', undefined, 404, 'Resource Not Found'],
    ['an unknown contact', `${LIST}/members/${FOO}`, undefined, 404, 'Resource Not Found'],
  ])('%s', async (_, path, authorization, status, title) => {
    expect(await call('GET', path, undefined, authorization)).toMatchObject({ status, body: { title, status } })
  })

  test('501 members', async () => {
    const members = Array.from({ length: 501 }, (_, place) => ({
      email_address: `p${place}@x.io`,
      status: 'subscribed',
    }))
    expect(await batch(members)).toMatchObject({
      status: 400,
      body: { title: 'Invalid Resource', errors: [{ field: 'members' }] },
    })
  })

  test('what a fault tells it to', async () => {
    await fetch(`${twin.url}/__twin/faults`, { method: 'POST', body: JSON.stringify({ kind: 'rate_limit' }) })
    expect(await batch([])).toMatchObject({ status: 429, body: { title: 'Too Many Requests' } })
  })
})

describe('contacts', () => {
  test('are upserted, errors named by address at status 200', async () => {
    await batch([{ email_address: 'Foo@Bar.com', status: 'subscribed', merge_fields: { FNAME: 'Foo', NOPE: 'x' } }])
    const again = await call('POST', LIST, {
      members: [
        { email_address: 'foo@bar.com', status: 'subscribed' },
        { email_address: 'new@x.io', status_if_new: 'pending' },
        { email_address: 'new@x.io', status_if_new: 'pending' },
        { email_address: 'no address', status: 'subscribed' },
        { email_address: 'stateless@x.io' },
      ],
    })
    expect(again).toMatchObject({ status: 200, body: { total_created: 1, total_updated: 0, error_count: 4 } })
    expect(again.body.errors[0]).toMatchObject({ email_address: 'foo@bar.com', error_code: 'ERROR_CONTACT_EXISTS' })
    expect((await call('GET', `${LIST}/members/${FOO}`)).body).toMatchObject({
      id: FOO,
      email_address: 'Foo@Bar.com',
      merge_fields: { FNAME: 'Foo' },
    })
    expect(await twinMembers(twin.url)).toMatchObject([
      { email_address: 'Foo@Bar.com', merge_fields: expect.not.objectContaining({ NOPE: 'x' }) },
      { email_address: 'new@x.io', status: 'pending' },
    ])
  })

  test.each(['unsubscribe', 'bounce'])('who did %s is not subscribed again by a call', async (does) => {
    await act('foo@bar.com', does)
    const status = await statusOf(FOO)
    expect((await batch([{ email_address: 'foo@bar.com', status_if_new: 'subscribed' }])).body).toMatchObject({
      updated_members: [{ status }],
    })
    expect((await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])).body).toMatchObject({
      errors: [{ error: expect.stringContaining('compliance state') }],
    })
    expect(await call('PATCH', `${LIST}/members/${FOO}`, { status: 'subscribed' })).toMatchObject({
      status: 400,
      body: { title: 'Member In Compliance State' },
    })
    await call('DELETE', `${LIST}/members/${FOO}`)
    expect((await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])).body.error_count).toBe(1)
  })

  test('who was archived stays so until a status says otherwise', async () => {
    await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])
    expect((await call('DELETE', `${LIST}/members/${FOO}`)).status).toBe(204)
    expect((await call('DELETE', `${LIST}/members/${FOO}`)).status).toBe(405)
    await batch([{ email_address: 'foo@bar.com', status_if_new: 'subscribed' }])
    expect(await statusOf(FOO)).toBe('archived')
    await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])
    expect(await statusOf(FOO)).toBe('subscribed')
  })

  test('who was deleted for good does not come back', async () => {
    await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])
    expect((await call('POST', `${LIST}/members/${FOO}/actions/delete-permanent`)).status).toBe(204)
    expect((await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])).body.errors[0].error).toContain(
      'permanently deleted',
    )
    expect(
      await call('PUT', `${LIST}/members/${FOO}`, { email_address: 'foo@bar.com', status_if_new: 'subscribed' }),
    ).toMatchObject({ status: 400, body: { title: 'Forgotten Email Not Subscribed' } })
  })
})

describe('tags', () => {
  test('are static segments', async () => {
    await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])
    const { body: tag } = await call('POST', `${LIST}/segments`, { name: 'At risk', static_segment: [] })
    expect(await call('POST', `${LIST}/segments`, { name: 'At risk', static_segment: [] })).toMatchObject({
      status: 400,
    })
    const changed = await call('POST', `${LIST}/segments/${tag.id}`, {
      members_to_add: ['foo@bar.com', 'stranger@x.io'],
    })
    expect(changed.body).toMatchObject({
      total_added: 1,
      error_count: 1,
      errors: [{ email_addresses: ['stranger@x.io'] }],
    })
    expect((await call('GET', `${LIST}/tag-search?name=at`)).body.tags).toEqual([{ id: tag.id, name: 'At risk' }])
    expect((await call('GET', `${LIST}/segments/${tag.id}`)).body).toMatchObject({ member_count: 1, type: 'static' })
    expect(await twinMembers(twin.url, String(tag.id))).toMatchObject([
      { email_address: 'foo@bar.com', tags: ['At risk'] },
    ])
    const emails = Array.from({ length: 501 }, (_, place) => `p${place}@x.io`)
    expect(await call('POST', `${LIST}/segments/${tag.id}`, { members_to_remove: emails })).toMatchObject({
      status: 400,
    })
  })

  test('are set on a contact, and made when they are new', async () => {
    await batch([{ email_address: 'foo@bar.com', status: 'subscribed' }])
    const tags = (status: string) =>
      call('POST', `${LIST}/members/${FOO}/tags`, { tags: [{ name: 'VIP', status }], is_syncing: true })
    expect((await tags('active')).status).toBe(204)
    expect((await call('GET', `${LIST}/members/${FOO}/tags`)).body.tags).toMatchObject([{ name: 'VIP' }])
    await tags('inactive')
    expect((await call('GET', `${LIST}/members/${FOO}/tags`)).body.total_items).toBe(0)
  })
})
