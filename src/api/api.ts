/**
 * The API: one GraphQL schema, spoken by the CLI, the first page and other programs.
 */
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { GraphQLError } from 'graphql'
import { createYoga, type YogaServerInstance } from 'graphql-yoga'
import { catalogue, MusterError, messageOf } from '../core/errors.ts'
import type { ApiContext } from './context.ts'
import { LiveEvents } from './live/live-events.ts'
import { schema } from './schema.ts'

export type Api = YogaServerInstance<object, ApiContext>

const EXAMPLE = `# Who is at risk, and what each destination would get
query {
  audiences { name description size send { destination } }
  plan { id state syncs { sync state add update remove held invalid } }
}
`

/** The handler of /graphql; GraphiQL comes with it and needs no internet. */
export function createApi({ workspace, jobs }: Omit<ApiContext, 'live'>): Api {
  const { logger, effects } = workspace
  const context = { workspace, jobs, live: new LiveEvents({ openLog: () => workspace.openLog(), effects }) }
  return createYoga<object, ApiContext>({
    schema,
    context,
    landingPage: false,
    cors: false,
    graphiql: { title: 'Muster', defaultQuery: EXAMPLE },
    renderGraphiQL,
    logging: false,
    maskedErrors: {
      maskError: (error) => {
        const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
        if (cause instanceof GraphQLError) return cause // the request itself is at fault
        return readableError(error, cause, (unexpected) => logger.error({ err: unexpected }, messageOf(unexpected)))
      },
    },
  })
}

function readableError(error: unknown, cause: unknown, onUnexpected: (cause: unknown) => void): GraphQLError {
  const path = error instanceof GraphQLError ? error.path : undefined
  if (!(cause instanceof MusterError)) {
    onUnexpected(cause)
    return new GraphQLError('Something failed that should not; the log of the server says what.', {
      path,
      extensions: { code: 'internal', hint: catalogue.internal.remedy },
    })
  }
  const { message, code, hint } = cause
  return new GraphQLError(message, { path, extensions: { code, hint, http: { status: catalogue[code].status } } })
}
