export { createLogger } from './logger.ts'
export { type Operations, type OperationsOptions, openOperations } from './operations.ts'
export { type ServeOptions, type Serving, serve } from './serve.ts'
export { readServerFile } from './server-file.ts'
