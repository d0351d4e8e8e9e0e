import { ownPath } from './own-paths.ts'
import type { RuntimeSource } from './runtime-config.ts'

/** What Segment's SDKs ask their CDN for: https://github.com/segmentio/analytics-next, `CDNSettings`. */
export interface SegmentSettings {
  readonly integrations: {
    readonly 'Segment.io': {
      readonly apiKey: string
      /** Host and path under which events are collected, without the protocol. */
      readonly apiHost: string
      readonly protocol: 'http' | 'https'
      readonly addBundledMetadata: false
    }
  }
  readonly metrics: { readonly sampleRate: 0; readonly host: string }
}

/**
 * The settings with which an SDK that is given only the CDN's address sends its events here and asks nobody else.
 * `baseUrl` is where the collector was reached: protocol and host. A source with a path of its own is asked by that.
 */
export function segmentSettings(source: RuntimeSource, baseUrl: string): SegmentSettings {
  const { protocol, host } = new URL(baseUrl)
  const { writeKey } = source
  const apiHost = `${host}${ownPath(source, '/v1')}`
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost,
        protocol: protocol === 'https:' ? 'https' : 'http',
        // Which destinations the page serves itself: none, and nothing here reads it.
        addBundledMetadata: false,
      },
    },
    metrics: { sampleRate: 0, host: apiHost },
  }
}
