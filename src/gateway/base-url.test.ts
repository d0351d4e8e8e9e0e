import { expect, test } from 'vitest'
import { baseUrl } from './base-url.ts'
import { TrustedProxies } from './peer.ts'

const url = 'http://events.example.com:8080/v1/projects/k/settings'
const proxies = new TrustedProxies(['10.0.0.0/8'])

test.each([
  ['the host asked', { forwardedProto: undefined, peer: '10.1.1.1' }, 'http://events.example.com:8080'],
  ['a trusted proxy asked with TLS', { forwardedProto: 'https', peer: '10.1.1.1' }, 'https://events.example.com:8080'],
  ['the outermost of two', { forwardedProto: 'HTTPS, http', peer: '10.1.1.1' }, 'https://events.example.com:8080'],
  ['anybody may say so', { forwardedProto: 'https', peer: '192.0.2.1' }, 'http://events.example.com:8080'],
  ['nonsense', { forwardedProto: 'javascript', peer: '10.1.1.1' }, 'http://events.example.com:8080'],
])('%s', (_, approach, expected) => {
  expect(baseUrl(undefined, proxies, { url, ...approach })).toBe(expected)
})

test("the project's own word goes before all", () => {
  const publicUrl = 'https://e.example'
  expect(baseUrl(publicUrl, proxies, { url, forwardedProto: 'http', peer: '10.1.1.1' })).toBe(publicUrl)
})
