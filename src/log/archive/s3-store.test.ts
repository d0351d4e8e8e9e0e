import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemEffects } from '../../core/effects.ts'
import { type Fault, startFaultyProxy } from '../test/faulty-proxy.ts'
import { startS3 } from '../test/s3-server.ts'
import { s3Archive } from './s3-store.ts'
import { archiveStoreContract } from './store.contract.ts'
import { readFile } from './store.ts'

for (const prefix of ['', 'muster/prod']) {
  archiveStoreContract(`a bucket with the prefix "${prefix}"`, async () => {
    const settings = await startS3(prefix)
    return { store: s3Archive(settings), reopen: () => s3Archive(settings) }
  })
}

/** Pauses pass at once. */
const effects = { ...systemEffects, sleep: async (_ms: number, signal?: AbortSignal) => signal?.throwIfAborted() }

/** A bucket behind a proxy whose faults a test chooses. */
async function faultyBucket() {
  const settings = await startS3()
  const proxy = await startFaultyProxy(settings.endpoint)
  const store = s3Archive({ ...settings, endpoint: proxy.origin }, effects)
  return { settings, proxy, store, direct: s3Archive(settings) }
}

/** The first requests of a method have these faults, one after the other. */
function faults(method: string, ...list: readonly Fault[]) {
  const left = [...list]
  return (asked: string) => (asked === method ? left.shift() : undefined)
}

test('a list of more files than a page has', async () => {
  const settings = await startS3()
  const names = Array.from({ length: 2100 }, (_, index) => `${String(index).padStart(5, '0')}.json`)
  for (const name of names) await writeFile(join(settings.directory, settings.bucket, `${name}._S3rver_object`), '{}')
  expect(await s3Archive(settings).list('')).toEqual(names)
})

describe('faults that pass', () => {
  test.each<Fault>(['busy', 'cut', 'lost', 'damaged'])('an upload that is %s is whole in the end', async (fault) => {
    const { proxy, store, direct } = await faultyBucket()
    const content = randomBytes(300_000)
    proxy.fault = faults('PUT', fault, fault)
    await store.write('a.bin', content)
    expect(proxy.seen.filter((request) => request.startsWith('PUT'))).toHaveLength(3)
    expect((await readFile(direct, 'a.bin')).equals(content)).toBe(true)
    expect(await direct.list('')).toEqual(['a.bin'])
  })

  test('an upload counts only once the service shows it', async () => {
    const { proxy, store, direct } = await faultyBucket()
    proxy.fault = faults('HEAD', 'busy', 'cut')
    await store.write('a.bin', Buffer.from('content'))
    expect(await direct.list('')).toEqual(['a.bin'])
  })

  test.each<Fault>(['busy', 'cut', 'lost', 'halved'])('reading, listing and removing get over %s', async (fault) => {
    const { proxy, store, direct } = await faultyBucket()
    const content = randomBytes(2_000_000)
    await direct.write('a.bin', content)
    await direct.write('b.bin', content)
    proxy.fault = faults('GET', fault, fault, fault)
    expect((await readFile(store, 'a.bin')).equals(content)).toBe(true)
    proxy.fault = faults('GET', fault, fault)
    expect(await store.list('')).toEqual(['a.bin', 'b.bin'])
    proxy.fault = faults('DELETE', fault)
    await store.remove('a.bin')
    expect(await direct.list('')).toEqual(['b.bin'])
  })
})

describe('faults that stay', () => {
  test.each<[Fault, RegExp]>([
    ['busy', /503 SlowDown Please reduce your request rate\., 6 times/],
    ['cut', /fetch failed \(.+\), 6 times/],
    ['damaged', /it was stored damaged, 6 times|XAmzContentSHA256Mismatch|BadDigest/],
  ])('%s is told with bucket, key and service', async (fault, message) => {
    const { proxy, store } = await faultyBucket()
    proxy.fault = () => fault
    const failure: unknown = await store
      .write('imports/x/a.bin', Buffer.from('content'))
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: expect.stringMatching(/^archive_/), message: expect.stringMatching(message) })
    expect(String(failure)).toContain(`PUT s3://events/imports/x/a.bin at ${proxy.origin}`)
  })

  test('a wrong secret, bucket or address', async () => {
    const settings = await startS3()
    const secret = 'a-secret-nobody-may-see'
    const failureOf = (change: object) =>
      s3Archive({ ...settings, ...change }, effects)
        .write('a.json', Buffer.from('{}'))
        .catch((error: unknown) => error)
    const wrong = await failureOf({ secretAccessKey: secret })
    expect(wrong).toMatchObject({ code: 'archive_refused', message: expect.stringContaining('SignatureDoesNotMatch') })
    expect(String(wrong)).not.toContain(secret)
    expect(await failureOf({ bucket: 'absent' })).toMatchObject({
      code: 'archive_refused',
      message: expect.stringMatching(/s3:\/\/absent\/a\.json .*NoSuchBucket/),
    })
    expect(await failureOf({ endpoint: 'http://127.0.0.1:1' })).toMatchObject({ code: 'archive_unreachable' })
  })

  test('a signal ends waiting', async () => {
    const { proxy, direct, settings } = await faultyBucket()
    await direct.write('a.bin', Buffer.from('content'))
    proxy.fault = () => 'busy'
    const store = s3Archive({ ...settings, endpoint: proxy.origin })
    const stop = new AbortController()
    const reading = readFile(store, 'a.bin', stop.signal)
    stop.abort(new Error('no longer interested'))
    await expect(reading).rejects.toThrow('no longer interested')
  })
})
