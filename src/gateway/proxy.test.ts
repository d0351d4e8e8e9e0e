import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { COLLECTOR_HEADER, WorkerProxy } from './proxy.ts'

/** A proxy to a worker that answers with what it is told of the collector; what the worker is sent comes back. */
async function proxied(report: object): Promise<number> {
  const worker = createServer((incoming, outgoing) => outgoing.end(incoming.headers[COLLECTOR_HEADER]))
  const socketPath = `\0muster-proxy-test-${process.pid}-${Math.random()}`
  await once(worker.listen(socketPath), 'listening')
  const proxy = new WorkerProxy(
    () => socketPath,
    () => report,
  )
  const server = createServer((incoming, outgoing) => proxy.pass(incoming, outgoing))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const each of [worker, server]) each.close()
  })
  return (server.address() as AddressInfo).port
}

test('what the collector says may hold any character', async () => {
  const report = { lastError: 'ENOSPC: /srv/プロジェクト/İß/💥' }
  const port = await proxied(report)
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).json()).toEqual(report)
})

test('a target that Node will not send on is refused, and the next one goes on', async () => {
  const port = await proxied({})
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /gr\u00e4ph HTTP/1.1\r\nhost: x\r\n\r\n', 'latin1')
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 (?:503|400|200) /)
  socket.destroy()
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200)
})
