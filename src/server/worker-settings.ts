/** What the worker's process is started with, besides its token. */
export interface WorkerSettings {
  readonly dir: string
  readonly env: string
  readonly socketPath: string
  readonly runtimeFile: string
}

/** The variable of the environment that holds the token of the API. */
export const WORKER_TOKEN = 'MUSTER_WORKER_TOKEN'
