export { type Collector, type CollectorOptions, type CollectorReport, startCollector } from './collector.ts'
export { createGateway, type GatewayEnv, type GatewayOptions } from './gateway.ts'
export type { Logger } from './logger.ts'
export { type RuntimeConfig, readRuntimeConfig, writeRuntimeConfig } from './runtime-config.ts'
