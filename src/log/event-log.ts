/**
 * The event log: the durable, append-only stream between gateway and consumers.
 *
 * record      opaque bytes with a sequence number and a partition
 * sequence    the record's place in the log, from 1 without gaps: "log order" everywhere
 * partition   0 to PARTITIONS − 1, by hash of the record's key: a key's records share one
 * head        the last durable sequence; readers see nothing beyond it
 * group       records made durable by one sync of the disk
 * segment     a file of consecutive groups; closed once a later one exists
 * archive     closed segments kept whole, compressed; what replay reads
 * consumer    a named cursor: all up to its position has been taken in
 */

/** Consumers that share work divide this many. */
export const PARTITIONS = 256

export interface LogEntry {
  /** Records of one key stay in order within one partition. */
  readonly key: string
  readonly payload: Uint8Array
}

export interface StoredRecord {
  readonly sequence: number
  readonly partition: number
  readonly payload: Buffer
}

/** Sequences given to an append, both inclusive. */
export interface Appended {
  readonly first: number
  readonly last: number
}

export interface LogStats {
  readonly head: number
  readonly segments: number
  readonly diskBytes: number
  readonly appends: number
  /** Syncs of the disk, each making one group durable. */
  readonly syncs: number
  /** Message of the last write that failed; null when none did. */
  readonly lastError: string | null
}

export interface LogWriter extends AsyncDisposable {
  /**
   * Resolves once the records are durable. After a rejection they are to be sent again; a crash at that very moment
   * may have kept them all the same.
   * @throws MusterError `log_full`, `log_busy`, `log_unwritable`
   */
  append(entries: readonly LogEntry[]): Promise<Appended>
  stats(): LogStats
  /** Closes the current segment, unless it is empty, so that it can be archived now. Throws `log_unwritable`. */
  closeSegment(): Promise<void>
  /** Waits for the appends under way; refuses later ones. */
  close(): Promise<void>
}

export interface ReadRequest {
  /** The last sequence already taken in; 0 reads from the start. */
  readonly after: number
  readonly maxRecords: number
  /** At least one record is returned, however large. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

export interface ReadBatch {
  readonly records: readonly StoredRecord[]
  /** Sequence of the last record; `after` when there is none. */
  readonly last: number
}

export interface LogReader extends AsyncDisposable {
  /** @throws MusterError `log_range_gone`, `log_corrupt` */
  read(request: ReadRequest): Promise<ReadBatch>
  head(): Promise<number>
  /** Resolves when there is a record after `after`; rejects with the signal's reason. */
  wait(after: number, signal?: AbortSignal): Promise<void>
  /** Keeps a consumer's position durably. */
  commit(consumer: string, sequence: number): Promise<void>
  /** 0 for a consumer that never committed. */
  position(consumer: string): Promise<number>
  close(): Promise<void>
}
