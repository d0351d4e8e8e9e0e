import { createHmac } from 'node:crypto'
import type { Context, Hono } from 'hono'
import type { TwinContext } from '../../src/delivery/twin.ts'
import { graphError, invalidParameter } from './twin-errors.ts'
import { changeMembers, SessionFinished } from './twin-members.ts'
import { type Audience, credentials, insertAudience, listAudiences, readAudience } from './twin-store.ts'
import { readUsers } from './twin-users.ts'

const VERSION = 'v25.0'
const SOURCES = ['USER_PROVIDED_ONLY', 'PARTNER_PROVIDED_ONLY', 'BOTH_USER_AND_PARTNER_PROVIDED']
const MAX_AUDIENCES = 500
/** Points of an ad account: a read costs one, a write three; they are given back after this long. */
const SCORE_LIMIT = 9_000
const SCORE_WINDOW_MS = 300_000
/** Meta shows no sizes below this. */
const SMALLEST_SHOWN = 1_000

export function routes(app: Hono, context: TwinContext): void {
  const { store } = context
  const spend = scoreKeeper()
  app.use('/:version/*', async (c, next) => refusedCall(c) ?? (spend(c) ? next() : limited(c)))

  app.get(
    `/${VERSION}/:account{act_[0-9]+}/customaudiences`,
    (c) => foreignAccount(c) ?? listPage(c, listAudiences(store)),
  )
  app.post(`/${VERSION}/:account{act_[0-9]+}/customaudiences`, async (c) => foreignAccount(c) ?? create(c, context))
  app.get(`/${VERSION}/:audience{[0-9]+}`, (c) => {
    const audience = readAudience(store, c.req.param('audience'))
    return audience ? c.json(shown(audience, fieldsOf(c))) : missing(c, c.req.param('audience'))
  })
  app.post(`/${VERSION}/:audience{[0-9]+}/users`, (c) => users(c, context, 'add'))
  app.delete(`/${VERSION}/:audience{[0-9]+}/users`, (c) => users(c, context, 'remove'))
  app.notFound((c) => graphError(c, { code: 2500, message: `Unknown path components: ${c.req.path}`, status: 404 }))
}

/** What is wrong about the version, the token or the signature. */
function refusedCall(c: Context): Response | undefined {
  const version = c.req.param('version')
  if (version !== VERSION) {
    return graphError(c, { code: 2635, message: `You are calling a deprecated version of the Ads API: ${version}.` })
  }
  const token = c.req.header('authorization')?.replace(/^Bearer /, '') ?? c.req.query('access_token')
  if (token === undefined)
    return graphError(c, { code: 104, message: 'An access token is required to request this resource.' })
  if (token !== credentials.access_token) {
    return graphError(c, { code: 190, message: 'Invalid OAuth access token - Cannot parse access token', status: 401 })
  }
  const proof = createHmac('sha256', credentials.app_secret).update(token).digest('hex')
  if ((c.req.query('appsecret_proof') ?? proof) !== proof)
    return invalidParameter(c, 'Invalid appsecret_proof provided in the API argument')
  return undefined
}

function scoreKeeper(): (c: Context) => boolean {
  let windowStart = Date.now()
  let score = 0
  return (c) => {
    if (Date.now() - windowStart > SCORE_WINDOW_MS) {
      windowStart = Date.now()
      score = 0
    }
    score += c.req.method === 'GET' ? 1 : 3
    return score <= SCORE_LIMIT
  }
}

function limited(c: Context): Response {
  return graphError(c, { code: 17, subcode: 2446079, message: 'User request limit reached' })
}

function foreignAccount(c: Context): Response | undefined {
  const account = c.req.param('account')
  if (account === credentials.ad_account_id) return undefined
  return graphError(c, {
    code: 200,
    message: `Ad account owner has NOT grant ads_management permission: ${account}`,
    status: 403,
  })
}

async function create(c: Context, { store }: TwinContext): Promise<Response> {
  const body = await jsonBody(c)
  const { name, subtype, customer_file_source: source, description } = body ?? {}
  if (typeof name !== 'string' || name === '') return invalidParameter(c, 'name is required')
  if (subtype !== 'CUSTOM') return invalidParameter(c, 'subtype must be CUSTOM')
  if (typeof source !== 'string' || !SOURCES.includes(source))
    return invalidParameter(c, 'customer_file_source is required')
  if (listAudiences(store).length >= MAX_AUDIENCES) {
    return graphError(c, { code: 2654, message: `More than ${MAX_AUDIENCES} audiences` })
  }
  const id = insertAudience(store, {
    name,
    subtype,
    customer_file_source: source,
    description: typeof description === 'string' ? description : null,
    updated_at: Date.now(),
  })
  return c.json({ id })
}

function listPage(c: Context, audiences: readonly Audience[]): Response {
  const limit = Number(c.req.query('limit') ?? 25)
  const after = c.req.query('after')
  const rest = after === undefined ? audiences : audiences.filter(({ id }) => id > after)
  const page = rest.slice(0, limit)
  const last = page.at(-1)?.id
  return c.json({
    data: page.map((audience) => shown(audience, fieldsOf(c))),
    ...(last !== undefined && {
      paging: {
        cursors: { before: page[0]?.id, after: last },
        ...(rest.length > limit && { next: new URL(`?after=${last}`, c.req.url).href }),
      },
    }),
  })
}

function fieldsOf(c: Context): readonly string[] {
  return ['id', ...(c.req.query('fields')?.split(',') ?? [])]
}

function shown(audience: Audience, fields: readonly string[]): object {
  const { id, name, subtype, customer_file_source, description, updated_at, members } = audience
  const known = members >= SMALLEST_SHOWN
  const all: Record<string, unknown> = {
    id,
    name,
    subtype,
    customer_file_source,
    description,
    account_id: credentials.ad_account_id.slice('act_'.length),
    approximate_count_lower_bound: known ? Math.floor(members * 0.95) : -1,
    approximate_count_upper_bound: known ? Math.ceil(members * 1.05) : -1,
    operation_status: members > 0 ? { code: 200, description: 'Normal' } : { code: 410, description: 'No upload' },
    delivery_status: members >= 100 ? { code: 200, description: 'Ready' } : { code: 300, description: 'Too small' },
    time_content_updated: Math.floor(updated_at / 1000),
  }
  return Object.fromEntries(fields.filter((field) => field in all).map((field) => [field, all[field]]))
}

async function users(c: Context, { store, faults }: TwinContext, operation: 'add' | 'remove'): Promise<Response> {
  const id = c.req.param('audience') ?? ''
  if (!readAudience(store, id)) return missing(c, id)
  try {
    const { session, received, invalid, samples } = changeMembers(
      store,
      faults,
      id,
      operation,
      readUsers(await jsonBody(c)),
    )
    store.prepare('update audiences set updated_at = ? where id = ?').run(Date.now(), id)
    return c.json({
      audience_id: id,
      session_id: session,
      num_received: received,
      num_invalid_entries: invalid,
      invalid_entry_samples: Object.fromEntries(samples.map((sample) => [sample, 'Invalid'])),
    })
  } catch (error) {
    if (error instanceof SessionFinished) {
      return graphError(c, { code: 2650, subcode: 1870159, message: `Session ${error.message} is finished` })
    }
    return invalidParameter(c, error instanceof Error ? error.message : String(error))
  }
}

function missing(c: Context, id: string): Response {
  return graphError(c, {
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported request. Object with ID '${id}' does not exist or cannot be loaded due to missing permissions.`,
  })
}

async function jsonBody(c: Context): Promise<Record<string, unknown> | undefined> {
  try {
    const body: unknown = await c.req.json()
    return typeof body === 'object' && body !== null ? { ...body } : undefined
  } catch {
    return undefined // Meta reads a body that is not JSON as one without parameters
  }
}
