import { rm } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { EventType } from '../../event/index.ts'
import { encodeRecord, type LogWriter, openLogReader } from '../../log/index.ts'
import { segmentFile } from '../../log/local/layout.ts'
import { testFolder, testWriter } from '../../log/test/scratch.ts'
import { LiveEvents, type WatchRequest } from './live-events.ts'
import type { LiveFeed, ShownEvent } from './live-feed.ts'

const receivedAt = '2026-01-02T03:04:05.678Z'
const arrival = { receivedAt, requestIp: '203.0.113.7' }

function accepted(
  name: string,
  { source = 'web', type = 'track' }: { source?: string; type?: EventType } = {},
): Buffer {
  const event = { type, event: name, userId: 'u1', messageId: `m-${name}`, receivedAt, request_ip: arrival.requestIp }
  return encodeRecord({ kind: 'event', source, ...arrival, event })
}

function rejected(body: string, reason = 'no', source: string | null = 'web'): Buffer {
  return encodeRecord({ kind: 'rejected', source, ...arrival, reason, body })
}

interface Opened {
  readonly writer: LogWriter
  readonly dir: string
  /** That have passed. */
  seconds(): number
  watch(request?: Partial<WatchRequest>): Promise<LiveFeed>
}

/** A log and its live events; time passes only where they sleep. */
async function open({ segmentBytes = 1e6 } = {}): Promise<Opened> {
  const dir = await testFolder()
  const writer = await testWriter({ dir, segmentBytes })
  let time = 0
  const sleep = (ms: number): Promise<void> => {
    time += ms
    return setImmediate()
  }
  const live = new LiveEvents({ openLog: () => openLogReader({ dir }), effects: { now: () => new Date(time), sleep } })
  return {
    writer,
    dir,
    seconds: () => time / 1000,
    async watch(request = {}) {
      const { signal } = new AbortController()
      const feed = await live.watch({ filter: {}, perSecond: 1000, last: 0, follow: true, signal, ...request })
      onTestFinished(async () => void (await feed.return()))
      return feed
    },
  }
}

const append = (writer: LogWriter, ...payloads: readonly Buffer[]) =>
  writer.append(payloads.map((payload) => ({ key: '', payload })))

const many = (from: number, count: number) => Array.from({ length: count }, (_, index) => accepted(`E${from + index}`))

async function next(feed: LiveFeed): Promise<ShownEvent> {
  const { value } = await feed.next()
  if (value === undefined || value instanceof Error) throw value ?? new Error('the feed ended')
  return value
}

/** What is shown up to a position. */
async function until(feed: LiveFeed, position: number): Promise<ShownEvent[]> {
  const shown: ShownEvent[] = []
  while ((shown.at(-1)?.position ?? 0) < position) shown.push(await next(feed))
  return shown
}

const sum = (shown: readonly ShownEvent[]) => shown.reduce((total, { skipped }) => total + 1 + skipped, 0)
const thirty = Array.from({ length: 30 }, (_, index) => `E${index + 1}`)
const names = (shown: readonly ShownEvent[]) => shown.map(({ event }) => event)

test('what comes after the beginning is shown with its fate', async () => {
  const { writer, watch } = await open()
  await append(writer, accepted('before'))
  const feed = await watch()
  await append(writer, accepted('Signed Up'), rejected('{"type":"track","event":"Bad","userId":7}', 'too bad', null))
  expect(await until(feed, 3)).toEqual([
    expect.objectContaining({
      position: 2,
      receivedAt: new Date(receivedAt),
      source: 'web',
      requestIp: '203.0.113.7',
      fate: 'ACCEPTED',
      reason: null,
      type: 'track',
      event: 'Signed Up',
      userId: 'u1',
      anonymousId: null,
      messageId: 'm-Signed Up',
      payload: expect.objectContaining({ event: 'Signed Up', userId: 'u1' }),
      body: null,
      skipped: 0,
    }),
    expect.objectContaining({
      position: 3,
      source: null,
      fate: 'REJECTED',
      reason: 'too bad',
      type: 'track',
      event: 'Bad',
      userId: '7',
      payload: null,
      body: '{"type":"track","event":"Bad","userId":7}',
    }),
  ])
})

/** What a feed of the past shows, to its end. */
async function past(watching: Promise<LiveFeed>): Promise<ShownEvent[]> {
  const shown: ShownEvent[] = []
  for await (const item of await watching) {
    if (item instanceof Error) throw item
    shown.push(item)
  }
  return shown
}

describe('filters', () => {
  test.each([
    [{}, ['A', 'B', 'C', 'A', null]],
    [{ source: 'app' }, ['B']],
    [{ type: 'page' }, ['C']],
    [{ event: 'A' }, ['A', 'A']],
    [{ event: 'A', fate: 'ACCEPTED' as const }, ['A']],
    [{ fate: 'REJECTED' as const }, ['A', null]],
    [{ source: 'none' }, []],
  ])('%j lets %j through', async (filter, expected) => {
    const { writer, watch } = await open()
    await append(writer, accepted('A'), accepted('B', { source: 'app' }), accepted('C', { type: 'page' }))
    await append(writer, rejected('{"event":"A"}'), rejected('{"eve'))
    expect(names(await past(watch({ filter, last: 1000, follow: false })))).toEqual(expected)
  })

  test('what does not pass is not counted, unless nobody looked', async () => {
    const { writer, watch } = await open()
    const feed = await watch({ filter: { event: 'wanted' } })
    await append(writer, ...many(1, 300), accepted('wanted'))
    expect(await next(feed)).toMatchObject({ position: 301, skipped: 0 })
    await append(writer, ...many(302, 2000), accepted('wanted'))
    expect(await next(feed)).toMatchObject({ position: 2302, skipped: 1501 })
  })
})

describe('the past', () => {
  test.each([
    [{ last: 3 }, ['E28', 'E29', 'E30'], 3],
    [{ last: 100 }, thirty, 30],
    [{ last: 2, filter: { event: 'E7' } }, ['E7'], 1],
    [{ after: 27, last: 3 }, ['E28', 'E29', 'E30'], 3],
    [{ after: 30 }, [], 0],
    [{ after: 1000 }, [], 0],
    [{ after: -1 }, thirty, 30],
  ])('%j shows %j', async (request, expected, counted) => {
    const { writer, watch } = await open()
    await append(writer, ...many(1, 30))
    const shown = await past(watch({ ...request, follow: false }))
    expect(names(shown)).toEqual(expected)
    expect(sum(shown)).toBe(counted)
  })

  test('it is bounded, and what is left out after a position is counted', async () => {
    const { writer, watch } = await open()
    await append(writer, ...many(1, 15_000))
    const last = await past(watch({ last: 1e9, follow: false }))
    expect([last.length, last[0]?.position, sum(last)]).toEqual([1000, 14_001, 1000])
    const since = await past(watch({ after: 100, follow: false }))
    expect([since.length, since.at(-1)?.position, sum(since)]).toEqual([1000, 15_000, 14_900])
  })

  test('it goes on into what is new without a gap', async () => {
    const { writer, watch } = await open()
    await append(writer, ...many(1, 100))
    const appending = (async () => {
      for (let from = 101; from <= 900; from += 10) await append(writer, ...many(from, 10))
    })()
    const feeds = await Promise.all([0, 10, 50].map((after) => watch({ after })))
    await appending
    const shown = await Promise.all(feeds.map((feed) => until(feed, 900)))
    expect(shown.map(sum)).toEqual([900, 890, 850])
  })

  test('it begins where the log begins', async () => {
    const { writer, watch, dir } = await open({ segmentBytes: 2000 })
    for (let from = 1; from <= 100; from++) await append(writer, accepted(`E${from}`))
    await rm(segmentFile(dir, 1))
    const shown = await past(watch({ after: 0, follow: false }))
    expect(shown[0]?.position).toBeGreaterThan(1)
    expect([shown.at(-1)?.position, sum(shown)]).toEqual([100, 100])
    expect((await past(watch({ last: 100, follow: false }))).length).toBe(shown.length)
  })
})

describe('more than its rate', () => {
  test('a burst is sampled, spread, and counted', async () => {
    const { writer, watch, seconds } = await open()
    const feed = await watch({ perSecond: 20 })
    const before = seconds()
    const watching = until(feed, 20_000)
    for (let from = 1; from <= 20_000; from += 100) await append(writer, ...many(from, 100))
    const shown = await watching
    expect(sum(shown)).toBe(20_000)
    expect(shown.length).toBeLessThanOrEqual(1 + 20 * (seconds() - before))
    const largest = Math.max(...shown.map(({ skipped }) => skipped))
    expect(largest).toBeLessThan(20_000 / 4)
  })

  test('as many as it may are all shown, also at once', async () => {
    const { writer, watch } = await open()
    const feed = await watch({ perSecond: 50 })
    await append(writer, ...many(1, 50))
    expect((await until(feed, 50)).length).toBe(50)
  })

  test('a reader that does not fetch finds a sample later', async () => {
    const { writer, watch } = await open()
    const [slow, fast] = await Promise.all([watch({ perSecond: 10 }), watch()])
    for (let from = 1; from <= 2000; from += 100) {
      await append(writer, ...many(from, 100))
      await until(fast, from + 99)
    }
    const shown = await until(slow, 2000)
    expect(shown.length).toBeLessThanOrEqual(20)
    expect(sum(shown)).toBe(2000)
  })
})

/** Timers and watchers of this process. */
const heldResources = () =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name.startsWith('FSEvent')).length

describe('the end', () => {
  test('a reader that leaves while it waits frees everything', async () => {
    const { writer, watch } = await open()
    await append(writer, ...many(1, 10))
    const before = heldResources()
    const feeds = await Promise.all([watch(), watch({ perSecond: 1 })])
    const waiting = feeds.map((feed) => feed.next())
    while (heldResources() === before) await setImmediate()
    for (const feed of feeds) await feed.return()
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    while (heldResources() > before) await setImmediate()
  })

  test('the signal ends it, also before it has begun', async () => {
    const { writer, watch } = await open()
    const stop = new AbortController()
    const [early, late] = [watch({ signal: stop.signal }), await watch({ signal: stop.signal, last: 5 })]
    const waiting = late.next()
    stop.abort()
    expect([await waiting, await (await early).next(), await (await watch({ signal: stop.signal })).next()]).toEqual(
      Array.from({ length: 3 }, () => ({ done: true, value: undefined })),
    )
    await append(writer, accepted('A'))
    for (let n = 0; n < 50; n++) await watch()
  })

  test('only so many watch at once', async () => {
    const { watch } = await open()
    const feeds = await Promise.all(Array.from({ length: 50 }, () => watch()))
    await expect(watch()).rejects.toMatchObject({ code: 'too_many_watchers' })
    await feeds[0]?.return()
    await expect(watch()).resolves.toBeDefined()
  })

  test('a damaged record ends the feeds with the failure, and new ones begin after it', async () => {
    const { writer, watch } = await open()
    const feed = await watch()
    await append(writer, Buffer.from('no record'))
    await expect(next(feed)).rejects.toMatchObject({ code: 'log_corrupt' })
    expect(await feed.next()).toEqual({ done: true, value: undefined })
    const again = await watch()
    await append(writer, accepted('A'))
    expect(await next(again)).toMatchObject({ event: 'A' })
    expect((await past(watch({ last: 1, follow: false }))).length).toBe(1)
    await expect(past(watch({ last: 2, follow: false }))).rejects.toMatchObject({ code: 'log_corrupt' })
  })
})
