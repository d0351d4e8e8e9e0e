import { BlockList, isIP } from 'node:net'

/** An address as people write it: `::ffff:192.0.2.1` is `192.0.2.1`. Empty when the connection is already gone. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? ''
}

export function isLoopback(address: string | undefined): boolean {
  const plain = plainAddress(address)
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

/** Addresses and CIDR ranges of proxies that are believed. */
export class TrustedProxies {
  readonly #list = new BlockList()

  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', bits] = range.split('/')
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (bits === undefined) this.#list.addAddress(address, family)
      else this.#list.addSubnet(address, Number(bits), family)
    }
  }

  has(address: string): boolean {
    const version = isIP(address)
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }

  /**
   * Where a request comes from: the connection's peer, or, where that is believed, the last address of
   * X-Forwarded-For that is not itself such a proxy. What stands before it anyone could have written.
   */
  clientOf(peer: string | undefined, forwardedFor: string | undefined): string {
    let client = plainAddress(peer)
    if (forwardedFor === undefined) return client
    for (const hop of forwardedFor.split(',').reverse()) {
      const address = withoutPort(hop.trim())
      if (!this.has(client) || isIP(address) === 0) break
      client = address
    }
    return client
  }
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` are written by some proxies. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)
  return plainAddress(bracketed?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1'))
}
