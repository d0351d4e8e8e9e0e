export { type Operations, type OperationsOptions, openOperations } from './operations.ts'
export { createLogger } from './logger.ts'
export { type Serving, serve, type ServeOptions } from './serve.ts'
export { readServerFile } from './server-file.ts'
