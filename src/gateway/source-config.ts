import type { RuntimeSource } from './runtime-config.ts'

/** Whether something is switched on, as RudderStack's documents write it. */
interface Switch {
  readonly enabled: boolean
}

/** What RudderStack's SDKs ask for before they send: https://github.com/rudderlabs/rudder-sdk-js, `SourceConfigResponse`. */
export interface SourceConfig {
  readonly source: {
    readonly id: string
    readonly name: string
    readonly writeKey: string
    readonly workspaceId: string
    /** false: the SDK stops by itself. */
    readonly enabled: boolean
    readonly config: { readonly statsCollection: { readonly errors: Switch; readonly metrics: Switch } }
    /** What the SDK would send to by itself, from the device. */
    readonly destinations: readonly never[]
    /** By region; an empty one leaves apps the data plane they name themselves. */
    readonly dataplanes: Readonly<Record<string, never>>
    readonly updatedAt: string
  }
  readonly updatedAt: string
  readonly consentManagementMetadata: {
    readonly providers: readonly { readonly provider: string; readonly resolutionStrategy: 'and' | 'or' }[]
  }
}

/** Kotlin's SDK reads no document without one. */
const WORKSPACE = 'muster'

/** How the SDKs weigh several consent categories of a destination, by the provider that asks for consent. */
const CONSENT_PROVIDERS: SourceConfig['consentManagementMetadata']['providers'] = [
  { provider: 'oneTrust', resolutionStrategy: 'and' },
  { provider: 'ketch', resolutionStrategy: 'or' },
]

/**
 * The document for SDKs of RudderStack for web, Android and iOS. It tells nothing but what the write key already opens.
 * `now`, an ISO instant, is its date: an app that has kept an older one takes the newer.
 */
export function sourceConfig({ name, writeKey, enabled }: RuntimeSource, now: string): SourceConfig {
  const off = { enabled: false }
  return {
    source: {
      id: name,
      name,
      writeKey,
      workspaceId: WORKSPACE,
      enabled,
      // Their errors and metrics would go to RudderStack's own servers.
      config: { statsCollection: { errors: off, metrics: off } },
      destinations: [],
      dataplanes: {},
      updatedAt: now,
    },
    updatedAt: now,
    consentManagementMetadata: { providers: CONSENT_PROVIDERS },
  }
}
