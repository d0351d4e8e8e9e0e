export { initProject } from './init.ts'
export { jsonSchemas } from './json-schemas.ts'
export type {
  Audience,
  DataFile,
  Destination,
  Guards,
  IdentitySettings,
  Listen,
  LogSettings,
  Model,
  Place,
  Project,
  Send,
  Source,
  SourceTable,
  WarehouseSettings,
} from './project.ts'
export { type ProjectReading, type ReadOptions, readProject, requireProject } from './read-project.ts'
