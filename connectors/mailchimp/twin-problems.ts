import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

export interface FieldError {
  readonly field: string
  readonly message: string
}

/** An error as Mailchimp's problem documents say it. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  detail: string,
  errors?: readonly FieldError[],
): Response {
  const body = {
    type: 'https://mailchimp.com/developer/marketing/docs/errors/',
    title,
    status,
    detail,
    instance: '9d1e1a3c-0000-4000-8000-000000000000',
    ...(errors && { errors }),
  }
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json; charset=utf-8' })
}

export function invalidResource(c: Context, errors: readonly FieldError[]): Response {
  const detail = 'The resource submitted could not be validated. For field-specific details, see the errors array.'
  return problem(c, 400, 'Invalid Resource', detail, errors)
}

export const notFound = (c: Context) =>
  problem(c, 404, 'Resource Not Found', 'The requested resource could not be found.')

export const failures = {
  rate_limit: (c: Context) =>
    problem(c, 429, 'Too Many Requests', 'You have exceeded the limit of 10 simultaneous connections.'),
  bare_403: (c: Context) => c.body(null, 403),
  server_error: (c: Context) =>
    problem(c, 500, 'Internal Server Error', 'An unexpected internal error has occurred. Please contact Support.'),
  unavailable: (c: Context) => c.html('<html><body>503 Service Unavailable</body></html>', 503),
  user_disabled: (c: Context) => problem(c, 403, 'User Disabled', 'This account has been disabled.'),
} as const
