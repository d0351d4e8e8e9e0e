export type { Collector, CollectorOptions, CollectorReport } from './collector.ts'
export type { GatewayEnv, GatewayOptions } from './gateway.ts'
export type { Logger } from './logger.ts'
export { COLLECTOR_FLAGS } from './process-flags.ts'
export { COLLECTOR_HEADER } from './proxy.ts'
export {
  type RuntimeConfig,
  type RuntimeConfigInput,
  type RuntimeSource,
  writeRuntimeConfig,
} from './runtime-config.ts'
export { suppressionsFile, writeSuppressions } from './suppressions-file.ts'
