/**
 * What the worker answers: the API, the first page, metrics and health.
 */
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { Api } from '../api/index.ts'
import { messageOf } from '../core/errors.ts'
import { COLLECTOR_HEADER } from '../gateway/index.ts'
import type { Workspace } from '../run/index.ts'
import { drainBody } from './drain-body.ts'
import { localOnly } from './local-only.ts'
import { createMetrics } from './metrics.ts'

export interface AppSettings {
  readonly workspace: Workspace
  readonly api: Api
  readonly token: string
}

const PAGE: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
}

export function createApp({ workspace, api, token }: AppSettings): Hono {
  const app = new Hono({ strict: false })
  const metrics = createMetrics(workspace)
  app.use(drainBody())
  app.use(localOnly(token))
  app.all('/graphql', (context) => api.fetch(context.req.raw))
  const page = new Hono()
  page.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'self'"], imgSrc: ["'self'", 'data:'] },
      strictTransportSecurity: false,
    }),
  )
  for (const [path, { file, type }] of Object.entries(PAGE)) {
    page.get(path, async (context) =>
      context.body(await readFile(new URL(`./page/${file}`, import.meta.url)), 200, { 'content-type': type }),
    )
  }
  app.route('/', page)
  app.get('/metrics', async (context) =>
    context.body(await metrics.text(context.req.header(COLLECTOR_HEADER)), 200, {
      'content-type': metrics.contentType,
    }),
  )
  app.get('/healthz', (context) => context.json({ status: 'ok' }))
  app.get('/readyz', async (context) => {
    await workspace.warehouse.session((session) => session.query('select 1'))
    return context.json({ status: 'ready' })
  })
  app.notFound((context) =>
    context.json(
      {
        code: 'not_found',
        message: `There is nothing at ${context.req.path}.`,
        hint: 'See /, /graphql, /metrics, /healthz; events go to /v1/.',
      },
      404,
    ),
  )
  app.onError((error, context) => {
    workspace.logger.error({ err: error }, messageOf(error))
    return context.json(
      { code: 'internal', message: 'Something failed that should not; the log of the server says what.' },
      500,
    )
  })
  return app
}
