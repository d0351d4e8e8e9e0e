import { plainAddress, type TrustedProxies } from './peer.ts'

/** How a request came. */
export interface Approach {
  /** As the collector itself sees it. */
  readonly url: string
  /** X-Forwarded-Proto. */
  readonly forwardedProto: string | undefined
  /** The connection's other end. */
  readonly peer: string | undefined
}

/**
 * Protocol and host under which clients reach the collector: the public URL if the project says one, else the host they
 * asked, with the protocol that a trusted proxy says it was asked with.
 */
export function baseUrl(
  publicUrl: string | undefined,
  proxies: TrustedProxies,
  { url, forwardedProto, peer }: Approach,
): string {
  if (publicUrl !== undefined) return publicUrl
  const { protocol, host } = new URL(url)
  const said = forwardedProto?.split(',', 1)[0]?.trim().toLowerCase()
  const forwarded = said === 'https' || said === 'http' ? `${said}:` : undefined
  return `${forwarded !== undefined && proxies.has(plainAddress(peer)) ? forwarded : protocol}//${host}`
}
