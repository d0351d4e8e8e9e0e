import { MusterError } from '../core/errors.ts'
import { type Suppressed, Suppressions } from '../event/index.ts'
import { OwnPaths } from './own-paths.ts'
import { TrustedProxies } from './peer.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { RuntimeConfig, RuntimeSource } from './runtime-config.ts'

/** A source, ready to be asked about each request. */
export interface Source extends RuntimeSource {
  readonly limiter: RateLimiter | undefined
}

const SHOWN = 12

/** The runtime configuration as the gateway asks it. Rate limits that did not change go on counting. */
export class Sources {
  readonly config: RuntimeConfig
  readonly suppressions: Suppressions
  readonly proxies: TrustedProxies
  readonly paths: OwnPaths
  readonly #byKey: ReadonlyMap<string, Source>

  constructor(config: RuntimeConfig, suppressed: Suppressed, before?: Sources) {
    this.config = config
    this.suppressions = new Suppressions(suppressed)
    this.proxies = new TrustedProxies(config.trustedProxies)
    this.paths = new OwnPaths(config.sources)
    this.#byKey = new Map(
      config.sources.map((source) => [source.writeKey, { ...source, limiter: limiterOf(source, before) }]),
    )
  }

  /**
   * The source with this write key.
   * The messages begin as RudderStack's do: its mobile SDKs look for "invalid write key" in them.
   * @throws MusterError `write_key_missing`, `write_key_unknown`
   */
  ofKey(writeKey: string | undefined): Source {
    if (writeKey === undefined) throw new MusterError('write_key_missing', 'failed to read writekey: there is none')
    const source = this.#byKey.get(writeKey)
    if (source !== undefined) return source
    const shown = writeKey.length > SHOWN ? `${writeKey.slice(0, SHOWN)}…` : writeKey
    throw new MusterError('write_key_unknown', `invalid write key: no source has "${shown}"`)
  }
}

function limiterOf({ writeKey, rateLimit }: RuntimeSource, before: Sources | undefined): RateLimiter | undefined {
  if (rateLimit === undefined) return undefined
  const earlier = before?.config.sources.find((source) => source.writeKey === writeKey)?.rateLimit
  const same = earlier?.events === rateLimit.events && earlier.withinMs === rateLimit.withinMs
  return (same ? before?.ofKey(writeKey).limiter : undefined) ?? new RateLimiter(rateLimit)
}
