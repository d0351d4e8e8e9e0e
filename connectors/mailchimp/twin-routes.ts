import type { Context, Hono } from 'hono'
import type { TwinContext } from '../../src/delivery/twin.ts'
import { batchMembers } from './twin-batch.ts'
import { memberRoutes } from './twin-members.ts'
import { peopleRoutes } from './twin-people.ts'
import { invalidResource, notFound, problem } from './twin-problems.ts'
import { segmentRoutes } from './twin-segments.ts'
import { credentials } from './twin-store.ts'

const MAX_CONNECTIONS = 10

export function routes(app: Hono, context: TwinContext): void {
  let connections = 0
  app.use('/3.0/*', async (c, next) => {
    const refused = refusedKey(c)
    if (refused) return refused
    if (connections >= MAX_CONNECTIONS) {
      return problem(
        c,
        429,
        'Too Many Requests',
        `You have exceeded the limit of ${MAX_CONNECTIONS} simultaneous connections.`,
      )
    }
    connections += 1
    try {
      return await next()
    } finally {
      connections -= 1
    }
  })
  app.use('/3.0/lists/:list/*', async (c, next) => (c.req.param('list') === credentials.list_id ? next() : notFound(c)))
  app.get('/3.0/ping', (c) => c.json({ health_status: "Everything's Chimpy!" }))
  app.get('/3.0/lists/:list', (c) =>
    c.req.param('list') === credentials.list_id ? c.json(list(context)) : notFound(c),
  )
  app.post('/3.0/lists/:list', (c) =>
    c.req.param('list') === credentials.list_id ? batchMembers(c, context) : notFound(c),
  )
  segmentRoutes(app, context)
  memberRoutes(app, context)
  peopleRoutes(app, context)
  app.notFound(notFound)
  app.onError((error, c) => invalidResource(c, [{ field: '', message: error.message }]))
}

function refusedKey(c: Context): Response | undefined {
  const header = c.req.header('authorization')
  if (header === undefined) return problem(c, 401, 'API Key Missing', 'Your request did not include an API key.')
  const [kind, value = ''] = header.split(' ')
  const key = kind === 'Basic' ? Buffer.from(value, 'base64').toString().split(':').slice(1).join(':') : value
  if (key === credentials.api_key) return undefined
  return problem(
    c,
    401,
    'API Key Invalid',
    "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
  )
}

function list({ store }: TwinContext): object {
  const count = (status: string) =>
    Number(store.prepare('select count(*) as n from contacts where status = ?').get(status)?.n)
  return {
    id: credentials.list_id,
    name: 'Customers',
    double_optin: false,
    marketing_permissions: false,
    stats: {
      member_count: count('subscribed'),
      unsubscribe_count: count('unsubscribed'),
      cleaned_count: count('cleaned'),
    },
  }
}
