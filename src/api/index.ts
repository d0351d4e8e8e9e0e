export { type Api, createApi } from './api.ts'
export type { ApiContext } from './context.ts'
export { readStatus, type Status } from './read-status.ts'
