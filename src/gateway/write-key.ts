import { MusterError } from '../core/errors.ts'
import type { RuntimeConfig } from './runtime-config.ts'

const BASIC = /^Basic +([A-Za-z0-9+/=_-]+) *$/i
const SHOWN = 12

/** The write key sent as the user name of Basic authentication, else as `?writeKey=`; undefined when neither is there. */
export function sentWriteKey(authorization: string | undefined, query: string | undefined): string | undefined {
  return basicUser(authorization) || query || undefined
}

/**
 * The name of the source with this write key.
 * The messages begin as RudderStack's do: its mobile SDKs look for "invalid write key" in them.
 * @throws MusterError `write_key_missing`, `write_key_unknown`
 */
export function sourceOfKey(config: RuntimeConfig, writeKey: string | undefined): string {
  if (writeKey === undefined) throw new MusterError('write_key_missing', 'failed to read writekey: there is none')
  const source = config.sources.find((candidate) => candidate.writeKey === writeKey)
  if (source !== undefined) return source.name
  const shown = writeKey.length > SHOWN ? `${writeKey.slice(0, SHOWN)}…` : writeKey
  throw new MusterError('write_key_unknown', `invalid write key: no source has "${shown}"`)
}

function basicUser(authorization: string | undefined): string | undefined {
  const match = BASIC.exec(authorization ?? '')
  return match === null
    ? undefined
    : Buffer.from(match[1] ?? '', 'base64')
        .toString('utf8')
        .split(':', 1)[0]
}
