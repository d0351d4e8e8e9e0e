export { type Api, createApi } from './api.ts'
export type { ApiContext } from './context.ts'
export { type Status, readStatus } from './read-status.ts'
