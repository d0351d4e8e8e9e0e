import type { Jobs, Workspace } from '../run/index.ts'
import type { LiveEvents } from './live/live-events.ts'

/** What resolvers work with. */
export interface ApiContext {
  readonly workspace: Workspace
  readonly jobs: Jobs
  readonly live: LiveEvents
}
