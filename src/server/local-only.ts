/**
 * Who may use the API while there are no users: this machine, by a program that holds the token or a page served from here.
 */
import { timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Answers 404 to other machines, and 403 to pages of other sites (DNS rebinding included). */
export function localOnly(token: string): MiddlewareHandler {
  return async (context, next) => {
    const peer = context.req.header('x-forwarded-for') ?? ''
    if (!LOOPBACK.test(peer)) return context.notFound()
    if (hasToken(context.req.header('authorization'), token)) return next()
    const host = context.req.header('host') ?? ''
    const origin = context.req.header('origin')
    const foreign = origin !== undefined && hostOf(origin) !== host
    if (foreign || !LOCAL_HOSTS.has(host.replace(/:\d+$/, ''))) {
      return context.json(
        {
          code: 'foreign_origin',
          message: 'This page is not one of ours.',
          hint: 'Open http://localhost on the port of the server.',
        },
        403,
      )
    }
    return next()
  }
}

function hasToken(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization?.replace(/^Bearer /, '') ?? '')
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : ''
}
