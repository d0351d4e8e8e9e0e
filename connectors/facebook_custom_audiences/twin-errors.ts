import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

interface GraphError {
  readonly code: number
  readonly subcode?: number
  readonly type?: string
  readonly message: string
  readonly userMessage?: string
  readonly transient?: boolean
  readonly status?: ContentfulStatusCode
}

/** An error in the Graph API's shape. */
export function graphError(c: Context, error: GraphError): Response {
  const { code, subcode, type = 'OAuthException', message, userMessage, transient, status = 400 } = error
  return c.json(
    {
      error: {
        message,
        type,
        code,
        ...(subcode !== undefined && { error_subcode: subcode }),
        ...(transient && { is_transient: true }),
        ...(userMessage !== undefined && { error_user_title: 'Error', error_user_msg: userMessage }),
        fbtrace_id: 'AtWiNtWiNtWiN',
      },
    },
    status,
  )
}

export const invalidParameter = (c: Context, detail: string) =>
  graphError(c, { code: 100, message: `Invalid parameter: ${detail}`, userMessage: detail })

export const failures = {
  rate_limit: (c: Context) =>
    graphError(c, { code: 80003, subcode: 2446079, message: 'There have been too many calls to this ad-account.' }),
  server_error: (c: Context) =>
    graphError(c, { code: 2, message: 'Service temporarily unavailable', transient: true, status: 500 }),
  html_error: (c: Context) => c.html('<html><body>Sorry, something went wrong.</body></html>', 502),
  token_expired: (c: Context) =>
    graphError(c, { code: 190, subcode: 463, message: 'Error validating access token: Session has expired.' }),
  terms_not_accepted: (c: Context) =>
    graphError(c, {
      code: 200,
      subcode: 1870090,
      message: 'Permissions error',
      userMessage: "You can't use custom audiences because the terms haven't been accepted.",
      status: 403,
    }),
  too_small: (c: Context) =>
    graphError(c, {
      code: 200,
      subcode: 1870047,
      message: 'Permissions error',
      userMessage: 'The audience would be too small.',
    }),
  update_in_progress: (c: Context) =>
    graphError(c, { code: 2650, subcode: 1870145, message: 'An update is in progress.' }),
} as const
