import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { MapJob } from './map-job.ts'
import { WebhookMaps, type WebhookMapsOptions } from './webhook-maps.ts'

const LOOP = '($f := function($n){ $f($n + 1) }; $f(1))'
/** Beyond what JSONata's own limit sees: a built-in function that does not come back. */
const STUCK = '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /(a+)+$/)'

function start(options: WebhookMapsOptions = {}): WebhookMaps {
  const maps = new WebhookMaps(options)
  onTestFinished(() => maps[Symbol.asyncDispose]())
  return maps
}

function job(text: string, body: unknown = {}, source = 'crm'): MapJob {
  const map = { file: `transformations/${source}.jsonata`, text }
  const headers = { 'x-topic': 'lead' }
  const receivedAt = '2026-01-02T03:04:05.678Z'
  return { source, map, body: JSON.stringify(body), receivedAt, headers, query: { list: ['1', '2'] } }
}

/** Processes that run maps for this one, or for another. */
function mapProcesses(parent = process.pid): readonly number[] {
  try {
    const found = execFileSync('pgrep', ['-P', String(parent), '-f', 'map-main'], { encoding: 'utf8' })
    return found.trim().split('\n').map(Number)
  } catch {
    return [] // pgrep says so when it finds none
  }
}

/** One for all tests of a group that leave it as it was. */
function shared(): () => WebhookMaps {
  let maps: WebhookMaps
  beforeAll(() => {
    maps = new WebhookMaps({ limitMs: 5000 })
  })
  afterAll(() => maps[Symbol.asyncDispose]())
  return () => maps
}

describe('what a map makes', () => {
  const maps = shared()

  test.each<[string, string, unknown, unknown[]]>([
    ['an event', '{ "type": "track", "userId": id }', { id: "O'Brien 🦊" }, [{ type: 'track', userId: "O'Brien 🦊" }]],
    ['several', 'rows.{ "userId": id }', { rows: [{ id: 1 }, { id: 2 }] }, [{ userId: 1 }, { userId: 2 }]],
    ['one in a list', '[rows.{ "userId": id }]', { rows: [{ id: 1 }] }, [{ userId: 1 }]],
    ['none: undefined', 'nothing.here', {}, []],
    ['none: null', 'null', {}, []],
    ['none: an empty list', '[]', {}, []],
    ['what is no event', '["text", 7, true, null]', {}, ['text', 7, true, null]],
    ['of a list', '$.{ "userId": id }', [{ id: 1 }, { id: 2 }], [{ userId: 1 }, { userId: 2 }]],
    ['of a text', '{ "userId": $ }', 'u1', [{ userId: 'u1' }]],
    [
      'the instant of the request',
      '[$now(), $millis(), $now("[Y0001]/[M01] [H01]", "+0200")]',
      {},
      ['2026-01-02T03:04:05.678Z', 1_767_323_045_678, '2026/01 05'],
    ],
    ['source, headers, query', '[$source, $headers.`x-topic`, $query.list]', {}, ['crm', 'lead', '1', '2']],
    ['connectors’ functions', '[$json(payload).id, $sha256("")]', { payload: '{"id":7}' }, [7, expect.any(String)]],
  ])('%s', async (_, map, body, expected) => {
    expect(await maps().events(job(map, body))).toEqual(expected)
  })

  test('after a change of the map, and per source, with nothing left of the one before', async () => {
    const of = (text: string, source?: string) => maps().events(job(text, {}, source))
    expect(await of('$x := 1')).toEqual([1])
    expect(await of('$x ? $x : 2')).toEqual([2])
    expect(await of('3', 'shop')).toEqual([3])
    expect(await of('$x := 1')).toEqual([1])
  })
})

describe('a map that fails says where', () => {
  const maps = shared()

  test.each([
    [
      'a wrong type',
      '{\n  "userId": id,\n  "n": "x" + 1\n}',
      'transformations/crm.jsonata:3:12: The left side of the "+"',
    ],
    ['an error of its own', '$error("no customer")', ':1:1: no customer'],
    ['an error in a function', '$map([1, 2], function($v) { $error("boom") })', 'boom'],
    ['an unknown function', '\n $nofunc(1)', ':2:2: Attempted to invoke a non-function'],
    ['a syntax error', '{ "a" 1 }', ':1:7: Expected ":", got 1'],
    ['recursion without end', '($f := function($n){ 1 + $f($n + 1) }; $f(1))', ':1:26: Stack overflow'],
    ['a function', 'function($x){ $x }', 'the map gives what is no JSON'],
    ['a function in an event', '{ "type": function($x){ $x } }', 'the map gives what is no JSON'],
    ['too much', '$pad("x", 5000000)', 'the map makes events of more than 4194304 characters'],
    ['what is too long', '$pad("x", 1e9)', 'Invalid string length'],
  ])('%s', async (_, map, message) => {
    const failed = { code: 'webhook_map_failed', message: expect.stringContaining(message) }
    await expect(maps().events(job(map))).rejects.toMatchObject(failed)
  })

  test('a body that is nested too deeply to be written', async () => {
    const body = '['.repeat(100_000) + ']'.repeat(100_000)
    await expect(maps().events({ ...job('$'), body })).rejects.toMatchObject({ code: 'webhook_map_failed' })
  })
})

describe('a map that runs away fails alone', () => {
  test.each([
    ['in a loop', LOOP, 'transformations/crm.jsonata:1:'],
    ['in a built-in function', STUCK, 'took longer than 500 ms'],
    ['with memory, in one piece', '[1..1e7]', 'the map '],
    ['with memory, in one text', '$pad("x", 5e8)', 'the map '],
    ['with memory, bit by bit', '($a := [1..1e6]; $map([1..1000], function($i) { [$a, $i] }))', 'crm.jsonata:'],
  ])('%s', async (_, map, message) => {
    const maps = start({ limitMs: 500, memoryMb: 64 })
    const before = maps.events(job('1'))
    const stuck = maps.events(job(map))
    const after = maps.events(job('2'))
    expect(await before).toEqual([1])
    const failed = { code: 'webhook_map_failed', message: expect.stringContaining(message) }
    await expect(stuck).rejects.toMatchObject(failed)
    expect(await after).toEqual([2])
  })

  test('among 200 at once', async () => {
    const maps = start()
    const map = '{ "userId": n }'
    const good = Array.from({ length: 199 }, (_, n) => maps.events(job(map, { n }, `source${n % 3}`)))
    const stuck = maps.events(job(STUCK, {}, 'source1'))
    const settled = await Promise.allSettled([...good, stuck])
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(settled.at(-1)?.status).toBe('rejected')
    expect(settled.slice(0, -1).map((each) => each.status === 'fulfilled' && each.value)).toEqual(
      Array.from({ length: 199 }, (_, n) => [{ userId: n }]),
    )
  })

  test('a source that has many of them waits longest itself', async () => {
    const maps = start({ limitMs: 300 })
    const bad = Array.from({ length: 5 }, () => maps.events(job(LOOP, {}, 'bad')).catch(() => 'bad'))
    const first = await Promise.race([Promise.all(bad), maps.events(job('"good"', {}, 'good'))])
    expect(first).toEqual(['good'])
    await Promise.all(bad)
  })

  test('what waits beyond measure is refused, of that source only', async () => {
    const maps = start({ limitMs: 300, maxWaiting: 2 * 128 * 1024 })
    const under = maps.events(job(LOOP)).catch(() => undefined)
    const waiting = [maps.events(job('1')), maps.events(job('2'))]
    const busy = { code: 'webhook_busy', message: 'too many webhooks of the source crm wait for its map' }
    await expect(maps.events(job('3'))).rejects.toMatchObject(busy)
    expect(await maps.events(job('4', {}, 'shop'))).toEqual([4])
    expect(await Promise.all(waiting)).toEqual([[1], [2]])
    await under
  })
})

describe('its process', () => {
  test('is not there before the first webhook, is one, and ends with the maps', async () => {
    const before = mapProcesses()
    const maps = start()
    expect(mapProcesses()).toEqual(before)
    await Promise.all([maps.events(job('1')), maps.events(job('2', {}, 'shop'))])
    const [pid, ...more] = mapProcesses().filter((each) => !before.includes(each))
    expect([pid, ...more]).toEqual([expect.any(Number)])
    await maps[Symbol.asyncDispose]()
    expect(mapProcesses()).not.toContain(pid)
    const stopping = { code: 'webhook_busy', message: 'the collector is stopping' }
    await expect(maps.events(job('1'))).rejects.toMatchObject(stopping)
  })

  test('is started again when somebody kills it', async () => {
    const maps = start()
    expect(await maps.events(job('1'))).toEqual([1])
    const [pid = 0] = mapProcesses()
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(mapProcesses()).not.toContain(pid))
    expect(await maps.events(job('2'))).toEqual([2])
  })

  test('goes on when a terminal signals the whole group: the collector has still to drain', async () => {
    const maps = start()
    await maps.events(job('1'))
    const [pid = 0] = mapProcesses()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, signal)
    expect(await maps.events(job('2'))).toEqual([2])
    expect(mapProcesses()).toEqual([pid])
  })

  test('does not outlive a collector that is killed', async () => {
    const code = `
      const { WebhookMaps } = await import(${JSON.stringify(join(import.meta.dirname, 'webhook-maps.ts'))})
      await new WebhookMaps().events(${JSON.stringify(job('1'))})
      console.log('ran')`
    const collector = spawn(process.execPath, ['--input-type=module', '-e', code])
    onTestFinished(() => void collector.kill('SIGKILL'))
    await once(collector.stdout, 'data')
    const [pid = 0] = mapProcesses(collector.pid)
    expect(pid).toBeGreaterThan(0)
    collector.kill('SIGKILL')
    await once(collector, 'exit')
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 5000 })
  })

  test('sees no environment', async () => {
    // JSONata shows no prototype, so that a map has no way out of its language.
    const ways = '[$.constructor, $string.constructor, $lookup($, "__proto__"), "".constructor]'
    expect(await start().events(job(ways))).toEqual([])
  })
})
