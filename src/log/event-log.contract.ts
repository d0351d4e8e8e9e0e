import { describe, expect, test } from 'vitest'
import type { LogEntry, LogReader, LogWriter } from './event-log.ts'

/** One log as an implementation's test opens it. */
export interface OpenLog extends AsyncDisposable {
  readonly writer: LogWriter
  readonly reader: LogReader
  /** Closes both sides and opens the same log again. */
  reopen(): Promise<OpenLog>
}

const all = { maxRecords: 1000, maxBytes: 1e9 }
const entry = (text: string, key = text): LogEntry => ({ key, payload: Buffer.from(text) })
const entries = (...texts: string[]): LogEntry[] => texts.map((text) => entry(text))

async function texts(reader: LogReader, after = 0): Promise<string[]> {
  const { records } = await reader.read({ after, ...all })
  return records.map(({ payload }) => payload.toString())
}

/** What every implementation of the event log does. */
export function eventLogContract(name: string, openNew: () => Promise<OpenLog>): void {
  describe(`${name} as an event log`, () => {
    test('an empty log', async () => {
      await using log = await openNew()
      expect(await log.reader.head()).toBe(0)
      expect(await log.reader.read({ after: 0, ...all })).toEqual({ records: [], last: 0 })
    })

    test('records get consecutive sequences from 1 and come back in order', async () => {
      await using log = await openNew()
      expect(await log.writer.append(entries('a', 'b'))).toEqual({ first: 1, last: 2 })
      expect(await log.writer.append(entries('c'))).toEqual({ first: 3, last: 3 })
      const { records, last } = await log.reader.read({ after: 0, ...all })
      expect(records.map(({ sequence, payload }) => [sequence, payload.toString()])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ])
      expect(last).toBe(3)
      expect(await texts(log.reader, 2)).toEqual(['c'])
      expect(await texts(log.reader, 3)).toEqual([])
    })

    test('appends at the same time keep the order of the calls, each whole', async () => {
      await using log = await openNew()
      const appended = await Promise.all(
        Array.from({ length: 50 }, (_, n) => log.writer.append(entries(`${n}a`, `${n}b`))),
      )
      expect(appended).toEqual(Array.from({ length: 50 }, (_, n) => ({ first: 2 * n + 1, last: 2 * n + 2 })))
      expect(await texts(log.reader)).toEqual(Array.from({ length: 50 }, (_, n) => [`${n}a`, `${n}b`]).flat())
      expect(log.writer.stats().syncs).toBeLessThan(50)
    })

    test('any bytes, also none', async () => {
      await using log = await openNew()
      const payloads = [Buffer.alloc(0), Buffer.from([0, 255, 10]), Buffer.alloc(3_000_000, 7)]
      await log.writer.append(payloads.map((payload) => ({ key: '', payload })))
      const { records } = await log.reader.read({ after: 0, ...all })
      expect(records.map(({ payload }) => payload.equals(payloads.shift() ?? Buffer.alloc(1)))).toEqual([
        true,
        true,
        true,
      ])
    })

    test('a read stops at either limit but gives at least one record', async () => {
      await using log = await openNew()
      await log.writer.append(entries('aaaa', 'bbbb', 'cccc'))
      expect(await log.reader.read({ after: 0, maxRecords: 2, maxBytes: 1e9 })).toMatchObject({ last: 2 })
      expect(await log.reader.read({ after: 2, maxRecords: 2, maxBytes: 1e9 })).toMatchObject({ last: 3 })
      expect(await log.reader.read({ after: 1, maxRecords: 1000, maxBytes: 1 })).toMatchObject({ last: 2 })
    })

    test('records of one key share a partition; keys spread', async () => {
      await using log = await openNew()
      const keys = Array.from({ length: 200 }, (_, n) => `user-${n % 100}`)
      await log.writer.append(keys.map((key) => entry('x', key)))
      const { records } = await log.reader.read({ after: 0, ...all })
      const partitions = records.map(({ partition }) => partition)
      expect(partitions.slice(0, 100)).toEqual(partitions.slice(100))
      expect(new Set(partitions).size).toBeGreaterThan(20)
    })

    test('waiting ends with the next record, with the signal, or when the reader closes', async () => {
      await using log = await openNew()
      const waiting = log.reader.wait(0)
      await log.writer.append(entries('a'))
      await waiting
      await log.reader.wait(0)
      const reason = new Error('no longer interested')
      const aborter = new AbortController()
      const aborted = log.reader.wait(1, aborter.signal)
      aborter.abort(reason)
      await expect(aborted).rejects.toBe(reason)
      await expect(log.reader.wait(1, aborter.signal)).rejects.toBe(reason)
      const closed = log.reader.wait(1)
      await log.reader.close()
      await expect(closed).rejects.toMatchObject({ code: 'log_unwritable' })
    })

    test('an aborted read rejects with the reason', async () => {
      await using log = await openNew()
      await log.writer.append(entries('a'))
      const reason = new Error('stop')
      await expect(log.reader.read({ after: 0, ...all, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })

    test('each consumer has its own position', async () => {
      await using log = await openNew()
      expect(await log.reader.position('warehouse')).toBe(0)
      await log.reader.commit('warehouse', 7)
      await log.reader.commit('ga4', 3)
      await log.reader.commit('warehouse', 9)
      expect(await log.reader.position('warehouse')).toBe(9)
      expect(await log.reader.position('ga4')).toBe(3)
    })

    test.each(['', '..', 'a/b', 'a b'])('no consumer is named %j', async (consumer) => {
      await using log = await openNew()
      await expect(log.reader.commit(consumer, 1)).rejects.toMatchObject({ code: 'usage' })
      await expect(log.reader.position(consumer)).rejects.toMatchObject({ code: 'usage' })
    })

    test('records, numbering and positions outlive the process', async () => {
      const log = await openNew()
      await log.writer.append(entries('a', 'b'))
      await log.reader.commit('warehouse', 1)
      await using again = await log.reopen()
      expect(await again.reader.head()).toBe(2)
      expect(await again.reader.position('warehouse')).toBe(1)
      expect(await again.writer.append(entries('c'))).toEqual({ first: 3, last: 3 })
      expect(await texts(again.reader)).toEqual(['a', 'b', 'c'])
    })

    test('a segment closed on request ends before what is appended next, and loses nothing', async () => {
      await using log = await openNew()
      await log.writer.closeSegment()
      const before = log.writer.stats().segments
      const appends = ['a', 'b', 'c', 'd'].map((text) => log.writer.append(entries(text)))
      const closes = [log.writer.closeSegment(), log.writer.closeSegment()]
      await Promise.all([...appends, ...closes])
      await log.writer.closeSegment()
      expect(log.writer.stats().segments).toBeGreaterThan(before)
      const now = log.writer.stats().segments
      await log.writer.closeSegment()
      expect(log.writer.stats().segments).toBe(now)
      await log.writer.append(entries('e'))
      expect(await texts(log.reader)).toEqual(['a', 'b', 'c', 'd', 'e'])
    })

    test('closing waits for what is under way and refuses what comes later', async () => {
      await using log = await openNew()
      const last = log.writer.append(entries('a'))
      const closing = log.writer.close()
      await expect(log.writer.append(entries('b'))).rejects.toMatchObject({ code: 'log_unwritable' })
      await closing
      expect(await last).toEqual({ first: 1, last: 1 })
      expect(await texts(log.reader)).toEqual(['a'])
    })
  })
}
