export {
  type Appended,
  type LogEntry,
  type LogReader,
  type LogStats,
  type LogWriter,
  PARTITIONS,
  type ReadBatch,
  type ReadRequest,
  type StoredRecord,
} from './event-log.ts'
export { type ArchiveOptions, type ArchiveResult, archiveSegments } from './local/archive.ts'
export { type ArchiveNote, readArchiveIndex } from './local/archive-note.ts'
export { type LogReaderOptions, openLogReader } from './local/reader.ts'
export { type LogWriterOptions, openLogWriter } from './local/writer.ts'
export {
  decodeRecord,
  type EventLogRecord,
  encodeRecord,
  type LogRecord,
  MAX_REJECTED_TEXT,
  type RejectedLogRecord,
} from './record.ts'
