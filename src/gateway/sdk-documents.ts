import type { Context, Hono } from 'hono'
import type { Effects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import { baseUrl } from './base-url.ts'
import type { GatewayEnv } from './gateway.ts'
import { segmentSettings } from './segment-settings.ts'
import { sourceConfig } from './source-config.ts'
import type { Sources } from './sources.ts'
import { sentWriteKey } from './write-key.ts'

export interface SdkDocumentOptions {
  readonly sources: () => Sources | undefined
  readonly effects: Effects
}

/** What SDKs ask for before they send, and what they say of themselves. */
export function mountSdkDocuments(app: Hono<GatewayEnv>, { sources, effects }: SdkDocumentOptions): void {
  app.get('/sourceConfig', (context) => {
    const writeKey = sentWriteKey(context.req.header('authorization'), context.req.query('writeKey'))
    return context.json(sourceConfig(present(sources()).ofKey(writeKey), effects.now().toISOString()))
  })
  app.get('/v1/projects/:writeKey/settings', (context) => {
    const known = present(sources())
    const source = known.ofKey(context.req.param('writeKey'))
    // With any settings at all the SDK would start, and send in vain.
    if (!source.enabled)
      throw new MusterError('source_disabled', `source is disabled: "${source.name}" takes no events`)
    return context.json(segmentSettings(source, baseUrlOf(context, known)))
  })
  // An SDK's figures about itself: taken, so that it does not try again, and left. The server drops the body unread.
  app.post('/v1/m', (context) => context.json({ success: true }))
}

function present(sources: Sources | undefined): Sources {
  if (sources === undefined) throw new MusterError('collector_starting', 'the collector has no configuration yet')
  return sources
}

function baseUrlOf({ req, env }: Context<GatewayEnv>, { config, proxies }: Sources): string {
  const peer = env.incoming.socket.remoteAddress
  return baseUrl(config.publicUrl, proxies, { url: req.url, forwardedProto: req.header('x-forwarded-proto'), peer })
}
