import { hash } from 'node:crypto'

/** RudderStack's id of a pair of user id and anonymous id: the MD5 of both, written as a UUID of version 4. */
export function rudderId(userId: string, anonymousId: string): string {
  const digest = hash('md5', `${userId}:${anonymousId}`)
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20)}`
}
