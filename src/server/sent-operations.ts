/**
 * GraphQL for verbs, whoever answers it.
 */
import type { Effects } from '../core/effects.ts'
import { type Answer, unwrap } from './answer.ts'
import { subscribe } from './subscribe.ts'

type Variables = Readonly<Record<string, unknown>>

export interface Operations extends AsyncDisposable {
  /** Whether a server answers; otherwise this process does, and owns the project meanwhile. */
  readonly remote: boolean
  /** Runs one GraphQL operation. Throws the error the API reports, with its code and hint. */
  execute<T>(query: string, variables?: Variables): Promise<T>
  /**
   * Runs one GraphQL subscription until it completes or the signal. When the connection is lost it is made again, with
   * what `variables` says then. Throws the error the API reports.
   */
  subscribe<T>(query: string, variables: () => Variables, signal: AbortSignal): AsyncIterable<T>
}

interface GraphqlRequest {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal?: AbortSignal
}

/** Sends one, to a server or to this process. */
export type Send = (request: GraphqlRequest) => Promise<Response>

/** Between two attempts: milliseconds. */
export const PAUSE_MS = 250

/** Operations that are sent so. */
export function operationsBy(send: Send, effects: Effects): Pick<Operations, 'execute' | 'subscribe'> {
  return {
    execute: async <T>(query: string, variables: Variables = {}) => {
      const response = await send(graphqlRequest(query, variables, 'application/json'))
      return unwrap<T>((await response.json()) as Answer) // GraphQL over HTTP
    },
    subscribe: <T>(query: string, variables: () => Variables, signal: AbortSignal) =>
      subscribe<T>({
        connect: () => send({ ...graphqlRequest(query, variables(), 'text/event-stream'), signal }),
        pause: () => effects.sleep(PAUSE_MS, signal),
        signal,
      }),
  }
}

function graphqlRequest(query: string, variables: Variables, accept: string): GraphqlRequest {
  const headers = { 'content-type': 'application/json', accept }
  return { method: 'POST', headers, body: JSON.stringify({ query, variables }) }
}
