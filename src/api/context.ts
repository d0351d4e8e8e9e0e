import type { Jobs, Workspace } from '../run/index.ts'

/** What resolvers work with. */
export interface ApiContext {
  readonly workspace: Workspace
  readonly jobs: Jobs
}
