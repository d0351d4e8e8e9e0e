import { rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request } from 'node:http'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { suppressionHash } from '../event/index.ts'
import { startCollector } from './collector.ts'
import { readRuntimeConfig, writeRuntimeConfig } from './runtime-config.ts'
import { writeSuppressions } from './suppressions-file.ts'
import { AUTHORIZATION, collectorFolder, testCollector } from './test/collector.ts'

const track = { event: 'Signed Up', userId: 'u1' }

/** A worker on the collector's socket. */
async function worker(socketPath: string, handle: Parameters<typeof createServer>[1]): Promise<void> {
  const server = createServer({}, handle)
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
}

async function report(url: string): Promise<unknown> {
  return (await fetch(`${url}/internal/collector`)).json()
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of message) text += chunk
  return text
}

describe('all that is not collection goes to the worker', () => {
  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-proto'])(
    'what a proxy forwards (%s) does not: it comes from elsewhere',
    async (header) => {
      const collector = await testCollector()
      let asked = 0
      await worker(collector.options.socketPath, (_, outgoing) => {
        asked++
        outgoing.end()
      })
      const response = await fetch(`${collector.url}/graphql`, {
        method: 'POST',
        headers: { [header]: '127.0.0.1' },
        body: '{}',
      })
      expect([response.status, asked]).toEqual([404, 0])
      expect(
        (await collector.post('/v1/track', track, { authorization: AUTHORIZATION, [header]: '1.2.3.4' })).status,
      ).toBe(200)
    },
  )

  test('method, path, headers and body there; status, headers and body back', async () => {
    const collector = await testCollector()
    await worker(collector.options.socketPath, async (incoming, outgoing) => {
      outgoing.writeHead(418, 'Teapot', { 'set-cookie': ['a=1', 'b=2'], 'x-own': 'yes' })
      const { method, url, headers } = incoming
      outgoing.end(JSON.stringify({ method, url, headers, body: await textOf(incoming) }))
    })
    const headers = { 'x-custom': 'kept' }
    const init = { method: 'DELETE', headers, body: 'a body' }
    const response = await fetch(`${collector.url}/graphql?a=1`, init)
    expect([response.status, response.statusText, response.headers.get('x-own')]).toEqual([418, 'Teapot', 'yes'])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    const seen: unknown = await response.json()
    expect(seen).toMatchObject({ method: 'DELETE', url: '/graphql?a=1', body: 'a body' })
    expect(seen).toMatchObject({ headers: { 'x-forwarded-for': '127.0.0.1', 'x-custom': 'kept' } })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each(['POST', 'DELETE'])('a %s body of undeclared length', async (method) => {
    const collector = await testCollector()
    await worker(collector.options.socketPath, (incoming, outgoing) => void incoming.pipe(outgoing))
    const outgoing = request(collector.url, { method, headers: { 'transfer-encoding': 'chunked' } })
    const answer = new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve))
    outgoing.write('one ')
    outgoing.end('two')
    expect(await textOf(await answer)).toBe('one two')
  })

  test('events stream as they come; when the client goes, the worker is told; closing ends them', async () => {
    const collector = await testCollector()
    const gone = vi.fn()
    await worker(collector.options.socketPath, (_, outgoing) => {
      outgoing.on('close', gone)
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      outgoing.write('data: 1\n\n')
    })
    const aborter = new AbortController()
    const response = await fetch(`${collector.url}/events`, { signal: aborter.signal })
    const first = await response.body?.getReader().read()
    expect(Buffer.from(first?.value ?? []).toString()).toBe('data: 1\n\n')
    aborter.abort()
    await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(1))
    const other = await fetch(`${collector.url}/events`)
    const ended = expect(other.text()).rejects.toThrow()
    await collector.close()
    await ended
    await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(2))
  })

  test('without a worker: 503, and collection goes on', async () => {
    const collector = await testCollector()
    const response = await fetch(`${collector.url}/graphql`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toEqual({
      code: 'worker_absent',
      message: expect.stringContaining('the worker does not answer'),
      hint: expect.any(String),
    })
    expect((await collector.post('/v1/track', track)).status).toBe(200)
    expect((await fetch(`${collector.url}/health`)).status).toBe(200)
  })

  test('a worker that breaks off in the middle of an answer breaks it off', async () => {
    const collector = await testCollector()
    await worker(collector.options.socketPath, (_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' })
      outgoing.write('half')
      setImmediate(() => outgoing.destroy())
    })
    await expect(fetch(collector.url).then((response) => response.text())).rejects.toThrow()
  })
})

describe('the runtime configuration', () => {
  test('only this user may read it', async () => {
    const { runtimeFile } = await collectorFolder()
    expect((await stat(runtimeFile)).mode & 0o777).toBe(0o600)
  })

  test('until there is one, clients are told to come again', async () => {
    const folder = await collectorFolder()
    await rm(folder.runtimeFile)
    const collector = await testCollector(folder)
    const response = await collector.post('/v1/track', track)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await response.json()).toMatchObject({ code: 'collector_starting' })
  })

  test('until it is known who must not be stored, nothing is', async () => {
    const folder = await collectorFolder()
    const { suppressionsFile } = readRuntimeConfig(folder.runtimeFile)
    await rm(suppressionsFile)
    const collector = await testCollector(folder)
    expect(await (await collector.post('/v1/track', track)).json()).toMatchObject({ code: 'collector_starting' })
    expect((await fetch(`${collector.url}/health`)).status).toBe(503)
    await writeSuppressions(suppressionsFile, { salt: 's', hashes: [suppressionHash('s', 'u1')] })
    await vi.waitFor(async () => expect((await collector.post('/v1/track', track)).status).toBe(200), { timeout: 3000 })
    expect(await collector.records()).toEqual([])
    await writeSuppressions(suppressionsFile, { salt: 's', hashes: [] })
    await vi.waitFor(
      async () => {
        await collector.post('/v1/track', track)
        expect((await collector.records()).length).toBeGreaterThan(0)
      },
      { timeout: 3000 },
    )
  })

  test('a changed one is followed; an invalid one leaves the last good one in force', async () => {
    const folder = await collectorFolder()
    const lines: string[] = []
    const logger = pino({ level: 'error' }, { write: (line) => void lines.push(line) })
    const collector = await testCollector({ ...folder, logger })
    const { runtimeFile } = folder
    const config = readRuntimeConfig(runtimeFile)
    const sources = [{ name: 'shop', writeKey: 'new' }]
    await writeRuntimeConfig(runtimeFile, { ...config, sources })
    const status = async () => (await collector.post('/v1/track?writeKey=new', track, {})).status
    await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 3000 })
    expect((await collector.post('/v1/track', track)).status).toBe(401)
    await writeFile(runtimeFile, '{"version":2}')
    await vi.waitFor(() => expect(lines.join('')).toContain('runtime.json is not a runtime configuration'), {
      timeout: 3000,
    })
    expect(await status()).toBe(200)
  })
})

describe('what the collector says of itself', () => {
  test('counts, to this machine only', async () => {
    const collector = await testCollector()
    await collector.post('/v1/batch', { batch: [{ ...track, type: 'track' }, {}] })
    await collector.post('/v1/track', track, {})
    expect(await report(collector.url)).toEqual({
      requests: 2,
      events: 1,
      rejected: 1,
      suppressed: 0,
      turnedAway: { write_key_missing: 1 },
      bytes: expect.any(Number),
      appends: 1,
      fsyncs: 1,
      head: 2,
      segments: 1,
      diskBytes: expect.any(Number),
      lastError: null,
    })
    const forwarded = { headers: { 'x-forwarded-for': '127.0.0.1' } }
    expect((await fetch(`${collector.url}/internal/collector`, forwarded)).status).toBe(404)
  })
})

describe('starting and closing', () => {
  test('a port in use is named, and the log is free again', async () => {
    const { port } = await testCollector()
    const folder = await collectorFolder()
    const refusal = { code: 'port_busy', message: `port ${port} of 127.0.0.1 is in use` }
    await expect(startCollector({ ...folder, port })).rejects.toMatchObject(refusal)
    await testCollector(folder)
  })

  test('an address this machine does not have', async () => {
    const host = '192.0.2.1'
    await expect(startCollector({ ...(await collectorFolder()), host })).rejects.toMatchObject({ code: 'port_busy' })
  })

  test('a signal aborted before or after closes it', async () => {
    const folder = await collectorFolder()
    const early = await startCollector({ ...folder, signal: AbortSignal.abort() })
    await expect(fetch(early.url)).rejects.toThrow()
    const aborter = new AbortController()
    const late = await startCollector({ ...folder, signal: aborter.signal })
    aborter.abort()
    await late.close()
    await expect(fetch(late.url)).rejects.toThrow()
  })

  test('what is under way is answered, idle connections do not hold it up', async () => {
    const collector = await testCollector()
    await collector.post('/v1/track', track)
    const body = JSON.stringify(track)
    const headers = { authorization: AUTHORIZATION, 'content-length': body.length }
    const outgoing = request(`${collector.url}/v1/track`, { method: 'POST', headers, agent: false })
    const answer = new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve))
    await new Promise((resolve) => outgoing.write(body.slice(0, 5), resolve))
    await vi.waitFor(async () => expect(await report(collector.url)).toMatchObject({ requests: 2 }))
    const began = performance.now()
    const closing = collector.close()
    outgoing.end(body.slice(5))
    expect((await answer).statusCode).toBe(200)
    await closing
    expect(performance.now() - began).toBeLessThan(2000)
    expect(await collector.records()).toHaveLength(2)
  })
})
