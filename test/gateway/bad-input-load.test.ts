import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CollectorProcess } from './collector-process.ts'
import { GOOD_KEY, GOOD_SOURCE, requireHealth, requireService, Stored } from './examine.ts'
import { deflateBomb, gzipBomb } from './gzip-bomb.ts'
import { chunkedBytes, GOOD_EVENT, inChunks, requestBytes } from './http-request.ts'
import { exchange } from './raw-client.ts'

const KEY = 'key-0000'
const SOURCE = 'hostile'
const LIMIT = 4 * 1024 * 1024

let collector: CollectorProcess

beforeAll(async () => {
  collector = await CollectorProcess.start([
    { name: GOOD_SOURCE, writeKey: GOOD_KEY },
    { name: SOURCE, writeKey: KEY },
  ])
})

afterAll(() => collector[Symbol.asyncDispose]())

const packed = { headers: ['Content-Encoding: gzip'] }

describe('memory', () => {
  const GIBIBYTE = 1024

  const bombs: readonly (readonly [name: string, bytes: () => Buffer, status: number])[] = [
    ['a GiB', () => requestBytes(KEY, { ...packed, body: gzipBomb(GIBIBYTE) }), 413],
    ['a GiB in chunks', () => chunkedBytes(KEY, inChunks(gzipBomb(GIBIBYTE), 50_000), packed), 413],
    [
      'a GiB behind a harmless member',
      () => requestBytes(KEY, { ...packed, body: Buffer.concat([gzipSync('{"userId":'), gzipBomb(GIBIBYTE)]) }),
      413,
    ],
    [
      'four members of 250 MiB',
      () => requestBytes(KEY, { ...packed, body: Buffer.concat([1, 2, 3, 4].map(() => gzipBomb(250))) }),
      413,
    ],
    ['a GiB packed twice', () => requestBytes(KEY, { ...packed, body: gzipSync(gzipBomb(GIBIBYTE)) }), 400],
    ['a GiB to the batch', () => requestBytes(KEY, { ...packed, target: '/v1/batch', body: gzipBomb(GIBIBYTE) }), 413],
    [
      'a GiB as deflate',
      () => requestBytes(KEY, { headers: ['Content-Encoding: deflate'], body: deflateBomb(GIBIBYTE) }),
      413,
    ],
  ]

  async function fiveTimes(bytes: Buffer): Promise<void> {
    await Promise.all(Array.from({ length: 5 }, () => exchange(collector.port, { bytes })))
  }

  /** What `work` makes of the most memory that the collector ever held, in MB. */
  async function growth(what: string, work: () => Promise<void>): Promise<number> {
    const { maxMemory: before } = await collector.testimony()
    await work()
    const { maxMemory } = await collector.testimony()
    const megabytes = Math.round((maxMemory - before) / 1e6)
    console.log(`${what}: ${megabytes} MB more than before`)
    return megabytes
  }

  test('no bomb unpacks, alone or five at once', async () => {
    // The largest requests that are accepted, so that what normal use takes is not laid to the bombs.
    const good = GOOD_EVENT.padEnd(LIMIT)
    for (const bytes of [requestBytes(KEY, { body: good }), requestBytes(KEY, { ...packed, body: gzipSync(good) })]) {
      for (let n = 0; n < 3; n++) await fiveTimes(bytes)
    }
    const alone = await growth('Bombs, one at a time', async () => {
      for (const [name, make, status] of bombs) {
        const { answers } = await exchange(collector.port, { bytes: make() })
        expect([name, ...answers.map((answer) => answer.status)]).toEqual([name, status])
      }
    })
    expect(alone).toBeLessThan(100)
    const together = await growth('Bombs, five at a time', async () => {
      for (const [, make] of bombs) await fiveTimes(make())
    })
    expect(together).toBeLessThan(200)
    await requireHealth(collector)
  }, 60_000)

  test('two hundred small bodies that unpack to the limit are not all unpacked at once', async () => {
    const bytes = requestBytes(KEY, { ...packed, body: gzipSync(GOOD_EVENT.padEnd(LIMIT)) })
    const megabytes = await growth('Small bodies that unpack to the limit', async () => {
      await Promise.all(
        Array.from({ length: 200 }, async () => {
          const { answers } = await exchange(collector.port, { bytes }, { deadlineMs: 50_000 })
          expect(answers).toHaveLength(1)
          for (const { status, headers } of answers) {
            expect(status).toBeOneOf([200, 503])
            if (status === 503) expect(headers.get('retry-after')).toMatch(/^\d+$/)
          }
        }),
      )
    })
    await requireHealth(collector)
    expect(megabytes).toBeLessThan(300)
  }, 60_000)
})

describe('work', () => {
  const MEMBERS = Array.from({ length: 300_000 }, (_, n) => `"k${n}":1`).join(',')
  const event = '{"type":"track","userId":"u","context":{"a":1}}'

  /** For which the collector works, whatever else the machine does. */
  async function milliseconds(body: string): Promise<number> {
    const { cpuMs: before } = await collector.testimony()
    const bytes = requestBytes(KEY, { target: '/v1/batch', body })
    await exchange(collector.port, { bytes }, { deadlineMs: 50_000 })
    const { cpuMs } = await collector.testimony()
    return cpuMs - before
  }

  test('a batch that shares much is not much more work than another of its size', async () => {
    const list = (length: number) => Array.from({ length }, () => event).join(',')
    const ordinary = await milliseconds(`{"batch":[${list(80_000)}]}`)
    const sharing = await milliseconds(`{"batch":[${list(1000)}],"context":{${MEMBERS}}}`)
    console.log(`A batch that shares much: ${(sharing / ordinary).toFixed(1)} times the work of an ordinary one`)
    expect(sharing).toBeLessThan(5 * ordinary)
  }, 60_000)
})

describe('slow clients', () => {
  async function connected(): Promise<Socket> {
    const socket = connect(collector.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  function connections(length: number): Promise<Socket[]> {
    return Promise.all(Array.from({ length }, connected))
  }

  test('hundreds that never finish hold nobody up, and leave no event', async () => {
    const stored = new Stored()
    await stored.update(collector)
    const { events } = stored.of(SOURCE)
    const whole = requestBytes(KEY)
    const sockets = await connections(300)
    for (const [n, socket] of sockets.entries()) socket.write(whole.subarray(0, 1 + (n % (whole.length - 1))))
    await requireHealth(collector)
    for (const socket of sockets) socket.resetAndDestroy()
    await requireHealth(collector)
    await stored.update(collector)
    expect(stored.of(SOURCE).events).toBe(events)
  }, 60_000)

  test('sixteen large bodies that stop before their end, of nobody known, hold nobody up', async () => {
    const whole = requestBytes('', { without: ['authorization'], body: GOOD_EVENT.padEnd(LIMIT) })
    const sockets = await connections(16)
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.write(whole.subarray(0, -1), done))))
    try {
      // Meanwhile the collector takes in all that was sent.
      for (let n = 0; n < 100; n++) await requireService(collector)
    } finally {
      for (const socket of sockets) socket.resetAndDestroy()
    }
  }, 60_000)

  test('one that sends a byte at a time is served', async () => {
    const socket = await connected()
    let said = ''
    socket.on('data', (chunk) => {
      said += chunk
    })
    const closed = once(socket, 'close')
    socket.setNoDelay(true)
    for (const byte of requestBytes(KEY)) {
      socket.write(Uint8Array.of(byte))
      await setImmediate()
    }
    await closed
    expect(said).toMatch(/^HTTP\/1\.1 200 /)
  })
})
