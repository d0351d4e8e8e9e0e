import type { Hono } from 'hono'
import type { GatewayEnv } from './gateway.ts'

/** The page loads nothing and runs nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

/** The description of the gateway, for people at /docs and for programs at /docs/openapi.json. Loaded when asked for. */
export function mountDocs(app: Hono<GatewayEnv>): void {
  app.get('/docs', async (context) => {
    const [{ docsPage }, { openApi }] = await Promise.all([import('./docs-page.ts'), import('./openapi.ts')])
    return context.html(docsPage(openApi()), 200, { 'content-security-policy': POLICY })
  })
  app.get('/docs/openapi.json', async (context) => context.json((await import('./openapi.ts')).openApi()))
}
