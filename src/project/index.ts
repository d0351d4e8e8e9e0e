export { type Entity, TRAIT_TABLES } from './entity.ts'
export { blockedPattern } from './identity-settings.ts'
export { initProject } from './init.ts'
export { jsonSchemas } from './json-schemas.ts'
export type {
  ArchiveSettings,
  Audience,
  BatchSettings,
  DataFile,
  Destination,
  Guards,
  IdentifierType,
  IdentitySettings,
  Listen,
  LogSettings,
  Model,
  Place,
  Project,
  Retention,
  S3Archive,
  Send,
  SignatureScheme,
  Source,
  SourceTable,
  WarehouseSettings,
  Webhook,
  WebhookMap,
} from './project.ts'
export { type ProjectReading, type ReadOptions, readProject, requireProject } from './read-project.ts'
