import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { events, generateCompany, type SegmentMessage, sendEvents } from './index.ts'

const company = generateCompany({
  seed: 5,
  end: new Date('2026-06-15T12:00:00Z'),
  users: 120,
  days: 30,
  minEvents: 9000,
})

interface Received {
  readonly authorization: string
  readonly batch: readonly Readonly<Record<string, unknown>>[]
}

describe('sendEvents', () => {
  let server: Server | undefined

  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  /** Answers each request with the next of these codes, then with 200; undefined: never. */
  async function listen(
    codes: readonly (number | undefined)[],
    received: Received[],
    asked = () => {},
  ): Promise<string> {
    const answers = [...codes]
    server = createServer(async (request, response) => {
      const { batch } = JSON.parse(await text(request))
      asked()
      const code = answers.length > 0 ? answers.shift() : 200
      if (code === 200) received.push({ authorization: request.headers.authorization ?? '', batch })
      if (code !== undefined) response.writeHead(code).end('{"success":true}')
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    // A server that listens on a port has an address object.
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('delivers each message once, as it is', async () => {
    const received: Received[] = []
    const url = await listen([], received)
    const progress: number[] = []
    const result = await sendEvents({
      url,
      writeKey: 'harbor-web',
      messages: events(company),
      onProgress: ({ sent }) => progress.push(sent),
    })
    expect(result).toEqual({ sent: company.eventCount, failed: 0, reasons: {} })
    expect(received[0]?.authorization).toBe(`Basic ${btoa('harbor-web:')}`)
    const byId = new Map(received.flatMap(({ batch }) => batch).map((message) => [message.messageId, message]))
    expect(received.flatMap(({ batch }) => batch)).toHaveLength(company.eventCount)
    for (const { context, ...message } of events(company)) {
      expect(byId.get(message.messageId)).toMatchObject({ ...message, context: { ...context } })
    }
    expect(progress.at(-1)).toBe(company.eventCount)
  })

  it('sends a batch again after a server error', async () => {
    const received: Received[] = []
    const url = await listen([503], received)
    const { sent, failed } = await sendEvents({ url, writeKey: 'k', messages: events(company) })
    expect({ sent, failed }).toEqual({ sent: company.eventCount, failed: 0 })
    const ids = received.flatMap(({ batch }) => batch.map(({ messageId }) => messageId))
    expect(new Set(ids).size).toBe(company.eventCount)
  })

  it('counts what the server refuses, and why', async () => {
    const received: Received[] = []
    const url = await listen([400], received)
    const { sent, failed, reasons } = await sendEvents({ url, writeKey: 'k', messages: events(company) })
    expect(failed).toBeGreaterThan(0)
    expect(sent).toBe(received.flatMap(({ batch }) => batch).length)
    expect(sent + failed).toBe(company.eventCount)
    expect(reasons).toEqual({ '[400] Bad Request': failed })
  })

  it('counts a message that the SDK refuses', async () => {
    const url = await listen([], [])
    const [first] = events(company)
    // What no type allows: a message of nobody.
    const nobody = { ...first, anonymousId: undefined, userId: undefined } as unknown as SegmentMessage
    const { sent, failed } = await sendEvents({ url, writeKey: 'k', messages: [nobody] })
    expect({ sent, failed }).toEqual({ sent: 0, failed: 1 })
  })

  it('takes no more messages than a few batches ahead of the answers, and stops when told', async () => {
    let requests = 0
    const { promise: stalled, resolve } = Promise.withResolvers<void>()
    const url = await listen(
      Array.from({ length: 50 }, () => undefined),
      [],
      () => {
        requests++
        if (requests === 3) resolve()
      },
    )
    const controller = new AbortController()
    let taken = 0
    function* counted() {
      for (const message of events(company)) {
        taken++
        yield message
      }
    }
    const sending = sendEvents({ url, writeKey: 'k', messages: counted(), signal: controller.signal })
    await stalled
    controller.abort(new Error('enough'))
    await expect(sending).rejects.toThrow('enough')
    expect(taken).toBeLessThanOrEqual(3001)
  })
})
