import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { AUTHORIZATION, type TestCollector, testCollector } from './test/collector.ts'

/** Writes bytes on a plain connection, and more after the first answer; all that comes back until it is closed. */
function exchange({ port }: TestCollector, bytes: string, then = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => {
      if (answer === '' && then !== '') socket.write(then)
      answer += chunk
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

test.each([
  ['no HTTP', 'Hello\r\n\r\n', 400, 'request_malformed'],
  [
    'headers of 70 KB',
    `GET /health HTTP/1.1\r\nhost: x\r\ncookie: ${'c'.repeat(70_000)}\r\n\r\n`,
    431,
    'request_headers_too_large',
  ],
  [
    'two lengths',
    'POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
    400,
    'request_malformed',
  ],
])('%s is answered with code, message and hint', async (_, bytes, status, code) => {
  const collector = await testCollector()
  const answer = await exchange(collector, bytes)
  const [head = '', text = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(JSON.parse(text)).toMatchObject({ success: false, code, hint: expect.stringMatching(/\w/) })
  expect((await collector.post('/v1/track', { userId: 'u' })).status).toBe(200)
})

test('on a connection that had good answers before, too', async () => {
  const collector = await testCollector()
  const body = '{"userId":"u"}'
  const good = `POST /v1/track HTTP/1.1\r\nhost: x\r\nauthorization: ${AUTHORIZATION}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const answers = await exchange(collector, good, 'GARBAGE\r\n\r\n')
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  expect(await collector.records()).toHaveLength(1)
})
