import { isIP } from 'node:net'

/** An address as people write it: `::ffff:192.0.2.1` is `192.0.2.1`. Empty when the connection is already gone. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? ''
}

/** Where a request says it comes from: the first entry of X-Forwarded-For if it is an address, else the connection's peer. */
export function clientAddress(forwardedFor: string | undefined, peer: string | undefined): string {
  const first = forwardedFor?.split(',', 1)[0]?.trim() ?? ''
  return plainAddress(isIP(first) === 0 ? peer : first)
}

export function isLoopback(address: string | undefined): boolean {
  const plain = plainAddress(address)
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}
