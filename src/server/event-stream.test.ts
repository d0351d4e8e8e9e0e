import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEventStream, type StreamEvent } from './event-stream.ts'

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const collected: StreamEvent[] = []
  for await (const event of events) collected.push(event)
  return collected
}

function eventsOf(chunks: readonly Uint8Array[]): Promise<StreamEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  return collect(readEventStream(body))
}

const bytes = (text: string) => new TextEncoder().encode(text)
const message = (data: string) => ({ event: 'message', data })

test.each([
  ['nothing', '', []],
  ['one event', 'data: a\n\n', [message('a')]],
  ['a named one', 'event: next\ndata: a\n\n', [{ event: 'next', data: 'a' }]],
  ['a name is for one event', 'event: next\ndata: a\n\ndata: b\n\n', [{ event: 'next', data: 'a' }, message('b')]],
  ['comments', ':\n\n: ping\n\ndata: a\n:\n\n', [message('a')]],
  ['several lines of data', 'data: a\ndata\ndata: b\n\n', [message('a\n\nb')]],
  ['empty data', 'event: complete\ndata:\n\n', [{ event: 'complete', data: '' }]],
  ['no data is no event', 'event: next\n\n', []],
  ['one space goes', 'data:a\n\ndata:  a\n\n', [message('a'), message(' a')]],
  ['colons in the value', 'data: {"a":1}\n\n', [message('{"a":1}')]],
  ['any end of line', 'data: a\r\n\r\ndata: b\r\rdata: c\n\n', [message('a'), message('b'), message('c')]],
  ['other fields', 'id: 7\nretry: 1\ndata: a\n\n', [message('a')]],
  ['a byte order mark', '\ufeffdata: a\n\n', [message('a')]],
  ['an unfinished event', 'data: a\n\ndata: b\n', [message('a')]],
])('%s', async (_name, text, expected) => {
  expect(await eventsOf([bytes(text)])).toEqual(expected)
})

test('wherever the chunks are cut, also inside characters and line ends', async () => {
  const line = fc.constantFrom('data: é€😀', 'data:', 'event: next', ':', '', '')
  const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r'))).map((all) => all.flat().join(''))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (whole, sizes) => {
      // A CR at the very end may be half of a line end: close it for the comparison.
      const all = bytes(`${whole}:\n`)
      const chunks: Uint8Array[] = []
      for (let at = 0, n = 0; at < all.length; n++) {
        const size = sizes[n % sizes.length] ?? 1
        chunks.push(all.subarray(at, at + size))
        at += size
      }
      expect(await eventsOf(chunks)).toEqual(await eventsOf([all]))
    }),
  )
})

describe('the end', () => {
  /** A stream that gives one event and then nothing, and whether it was cancelled. */
  function endless() {
    const state = { cancelled: false }
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes('data: a\n\n')),
      cancel: () => {
        state.cancelled = true
      },
    })
    return { body, state }
  }

  test('who stops reading cancels the stream', async () => {
    const { body, state } = endless()
    for await (const event of readEventStream(body)) {
      expect(event).toEqual(message('a'))
      break
    }
    expect(state.cancelled).toBe(true)
  })

  test('so does the signal, while it waits and before', async () => {
    const { body, state } = endless()
    const stop = new AbortController()
    const events: StreamEvent[] = []
    for await (const event of readEventStream(body, stop.signal)) {
      events.push(event)
      setImmediate(() => stop.abort()) // when it waits for the next
    }
    expect({ events, ...state }).toEqual({ events: [message('a')], cancelled: true })
    const never = endless()
    expect(await collect(readEventStream(never.body, stop.signal))).toEqual([])
    expect(never.state.cancelled).toBe(true)
  })

  test('a stream that breaks off has ended', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes('data: a\n\ndata: b\n')),
      pull: (controller) => controller.error(new Error('broken')),
    })
    expect(await collect(readEventStream(body))).toEqual([message('a')])
  })
})
