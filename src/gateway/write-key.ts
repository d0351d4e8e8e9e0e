const BASIC = /^Basic +([A-Za-z0-9+/=_-]+) *$/i

/** The write key sent as the user name of Basic authentication, else as `?writeKey=`; undefined when neither is there. */
export function sentWriteKey(authorization: string | undefined, query: string | undefined): string | undefined {
  return basicUser(authorization) || query || undefined
}

function basicUser(authorization: string | undefined): string | undefined {
  const match = BASIC.exec(authorization ?? '')
  return match === null
    ? undefined
    : Buffer.from(match[1] ?? '', 'base64')
        .toString('utf8')
        .split(':', 1)[0]
}
