export { openArchive } from './archive/open-archive.ts'
export { type ArchiveStore, readFile } from './archive/store.ts'
export type {
  Appended,
  LogEntry,
  LogReader,
  LogStats,
  LogWriter,
  ReadBatch,
  ReadRequest,
  StoredRecord,
} from './event-log.ts'
export { type ArchiveOptions, type ArchiveResult, archiveSegments } from './local/archive.ts'
export { type ArchiveNote, readArchiveIndex } from './local/archive-note.ts'
export { archivedThrough } from './local/archived-through.ts'
export { closeSegmentOf } from './local/close-request.ts'
export type { TornTail } from './local/current-segment.ts'
export { type Erased, eraseArchived, type IsGone, removeArchived } from './local/erase.ts'
export { findHoldings, type Gap, type Holding } from './local/holdings.ts'
export { closeRequestFile, type Range as LogRange } from './local/layout.ts'
export { type LogReaderOptions, openLogReader } from './local/reader.ts'
export { type LogWriterOptions, openLogWriter } from './local/writer.ts'
export {
  decodeRecord,
  describeRecord,
  type ErasedLogRecord,
  type EventLogRecord,
  encodeRecord,
  type LogRecord,
  type RejectedLogRecord,
} from './record.ts'
