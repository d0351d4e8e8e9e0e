import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RunningTwin, serveTwin } from '../../src/delivery/twin-server.ts'
import { twin as definition } from './twin.ts'

const { access_token: token = '', app_secret: secret = '' } = definition.credentials
const FOO = '0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b'

let dir: string
let twin: RunningTwin
let audience: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-facebook-'))
  twin = await serveTwin({ twin: definition, destination: 'ads', dir })
})

afterAll(async () => {
  await twin.close()
  await rm(dir, { recursive: true })
})

beforeEach(async () => {
  await fetch(`${twin.url}/__twin/reset`, { method: 'POST' })
  const made = await call('POST', '/v25.0/act_1001/customaudiences', {
    name: 'A',
    subtype: 'CUSTOM',
    customer_file_source: 'USER_PROVIDED_ONLY',
  })
  audience = made.body.id
})

async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
) {
  const response = await fetch(`${twin.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return { status: response.status, body: await response.json() }
}

const users = (payload: object, session: object | undefined, method = 'POST') =>
  call(method, `/v25.0/${audience}/users`, { payload, ...(session && { session }) })
const session = (id: number, more: object = {}) => ({ session_id: id, batch_seq: 1, last_batch_flag: true, ...more })

describe('calls it refuses', () => {
  test.each([
    ['an old version', '/v20.0/act_1001/customaudiences', undefined, 400, 2635],
    ['no token', '/v25.0/act_1001/customaudiences', {}, 400, 104],
    ['another token', '/v25.0/act_1001/customaudiences', { authorization: 'Bearer x' }, 401, 190],
    ['a wrong proof', '/v25.0/act_1001/customaudiences?appsecret_proof=00', undefined, 400, 100],
    ['a foreign account', '/v25.0/act_9/customaudiences', undefined, 403, 200],
    ['an unknown audience', '/v25.0/23850000000099999', undefined, 400, 100],
    ['an unknown path', '/v25.0/act_1001/pixels', undefined, 404, 2500],
  ])('%s', async (_, path, headers, status, code) => {
    expect(await call('GET', path, undefined, headers)).toMatchObject({ status, body: { error: { code } } })
  })

  test('takes a token in the query, and a right proof', async () => {
    const proof = createHmac('sha256', secret).update(token).digest('hex')
    const path = `/v25.0/act_1001/customaudiences?access_token=${token}&appsecret_proof=${proof}&fields=name`
    expect(await call('GET', path, undefined, {})).toMatchObject({
      status: 200,
      body: { data: [{ id: audience, name: 'A' }] },
    })
  })

  test.each([
    ['no name', { subtype: 'CUSTOM', customer_file_source: 'USER_PROVIDED_ONLY' }],
    ['another subtype', { name: 'B', subtype: 'LOOKALIKE', customer_file_source: 'USER_PROVIDED_ONLY' }],
    ['no source', { name: 'B', subtype: 'CUSTOM' }],
  ])('an audience with %s', async (_, body) => {
    expect(await call('POST', '/v25.0/act_1001/customaudiences', body)).toMatchObject({
      status: 400,
      body: { error: { code: 100 } },
    })
  })

  test.each([
    ['an unknown key', { schema: ['MAIL'], data: [[FOO]] }, session(1)],
    ['rows that do not match the schema', { schema: ['EMAIL', 'FN'], data: [[FOO]] }, session(1)],
    ['no rows', { schema: ['EMAIL'], data: [] }, session(1)],
    ['10,001 rows', { schema: ['EMAIL'], data: Array.from({ length: 10_001 }, () => [FOO]) }, session(1)],
    ['session 0', { schema: ['EMAIL'], data: [[FOO]] }, session(0)],
    ['batch 0', { schema: ['EMAIL'], data: [[FOO]] }, session(1, { batch_seq: 0 })],
  ])('%s', async (_, payload, given) => {
    expect(await users(payload, given)).toMatchObject({ status: 400, body: { error: { code: 100 } } })
  })
})

describe('members', () => {
  const members = async () =>
    ((await (await fetch(`${twin.url}/__twin/members?object=${audience}`)).json()) as { members: object[] }).members

  test('are added and removed by any of their rows', async () => {
    const added = await users(
      { schema: ['EXTERN_ID', 'EMAIL', 'PHONE'], data: [['u-1', FOO, '']] },
      session(42, { estimated_num_total: 1 }),
    )
    expect(added).toEqual({
      status: 200,
      body: {
        audience_id: audience,
        session_id: '42',
        num_received: 1,
        num_invalid_entries: 0,
        invalid_entry_samples: {},
      },
    })
    expect(await members()).toEqual([{ audience, EXTERN_ID: 'u-1', EMAIL: FOO }])
    await users({ schema: 'EMAIL_SHA256', data: [FOO] }, undefined, 'DELETE')
    expect(await members()).toEqual([])
  })

  test('are not those whose hash is none', async () => {
    const upper = FOO.toUpperCase()
    const found = await users({ schema: ['EMAIL'], data: [['foo@bar.com'], [upper], [FOO]] }, session(1))
    expect(found.body).toMatchObject({ num_received: 3, num_invalid_entries: 2 })
    expect(Object.keys(found.body.invalid_entry_samples)).toEqual(['foo@bar.com', upper])
    expect(await members()).toEqual([{ audience, EMAIL: FOO }])
  })

  test('are counted over a session, which ends with its last batch', async () => {
    await users({ schema: ['EMAIL'], data: [[FOO]] }, session(7, { last_batch_flag: false }))
    expect((await users({ schema: ['EMAIL'], data: [[FOO]] }, session(7, { batch_seq: 2 }))).body).toMatchObject({
      num_received: 2,
    })
    expect((await users({ schema: ['EMAIL'], data: [[FOO]] }, session(7, { batch_seq: 3 }))).body.error).toMatchObject({
      code: 2650,
      error_subcode: 1870159,
    })
  })

  test('show their number from 1,000 on', async () => {
    const size = async () =>
      (await call('GET', `/v25.0/${audience}?fields=approximate_count_lower_bound,operation_status`)).body
    expect(await size()).toMatchObject({ approximate_count_lower_bound: -1, operation_status: { code: 410 } })
    const data = Array.from({ length: 1_000 }, (_, place) => [createHash('sha256').update(`${place}`).digest('hex')])
    await users({ schema: ['EMAIL'], data }, session(1))
    expect(await size()).toMatchObject({ approximate_count_lower_bound: 950, operation_status: { code: 200 } })
  })
})
