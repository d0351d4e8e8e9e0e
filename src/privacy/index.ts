export type { Deletion } from './deletion-record.ts'
export { type Alone, type DeletionPreview, type DeletionRequest, Deletions } from './deletions.ts'
export type { Mention, Receipt, TableCount } from './receipt.ts'
export { type Retained, type RetentionSettings, retain } from './retention.ts'
