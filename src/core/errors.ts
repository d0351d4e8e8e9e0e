/** How a failure is reported: the CLI's exit code, the HTTP status, and what the reader should do about it. */
interface ErrorKind {
  readonly exit: 1 | 2 | 3
  readonly status: number
  readonly title: string
  readonly remedy: string
}

/**
 * Every failure Muster reports has one of these codes. They are stable: programs may match on them.
 * docs/errors.md is generated from this list (`npm run docs`) and a test holds both together.
 */
export const catalogue = {
  internal: {
    exit: 1,
    status: 500,
    title: 'Something failed that should not.',
    remedy: 'Run again with --debug and report the stack.',
  },
  node_too_old: {
    exit: 2,
    status: 500,
    title: 'This Node.js is too old.',
    remedy: 'Use Node 24 or newer; in a clone, npm scripts bring their own.',
  },
  project_not_found: {
    exit: 2,
    status: 404,
    title: 'There is no project in this folder.',
    remedy: 'Run `muster init DIR`, or point --project at a folder that holds muster.yaml.',
  },
  project_invalid: {
    exit: 2,
    status: 400,
    title: 'The project has problems.',
    remedy: 'Mend the places listed; `muster validate` shows them all again.',
  },
  usage: {
    exit: 2,
    status: 400,
    title: 'The command or request is not one Muster knows.',
    remedy: 'See --help of the verb.',
  },
  project_locked: {
    exit: 1,
    status: 409,
    title: 'Another process holds this project.',
    remedy: 'Stop the process named, or let the verb talk to the running server.',
  },
  port_busy: {
    exit: 2,
    status: 409,
    title: 'The port is in use.',
    remedy: 'Choose another with --port or PORT, or stop the program that holds it.',
  },
  folder_unwritable: {
    exit: 2,
    status: 500,
    title: 'A folder Muster needs cannot be written.',
    remedy: 'Give this user write permission on it, make room where the disk is full, or choose another folder.',
  },
  query_timeout: {
    exit: 1,
    status: 408,
    title: 'A query ran longer than it may.',
    remedy: 'Narrow the query, or raise its time limit.',
  },
  warehouse_refused: {
    exit: 1,
    status: 400,
    title: 'The warehouse refused a statement.',
    remedy: 'Read what the engine says; the place it names is in the SQL it was given.',
  },
  warehouse_failed: {
    exit: 1,
    status: 503,
    title: 'The warehouse could not do its work just now.',
    remedy: 'Look at what it says: disk, memory or connection. Nothing was changed; landing tries again by itself.',
  },
  identity_decisions_invalid: {
    exit: 2,
    status: 400,
    title: 'The file of identity decisions has a mistake.',
    remedy: 'Mend the line named in data/identity_decisions.csv.',
  },
  identity_too_large: {
    exit: 1,
    status: 409,
    title: 'Too much hangs together to be one person.',
    remedy: 'Look at `muster identity stats` for the value that ties so many, and ignore it by a decision.',
  },
  warehouse_busy: {
    exit: 1,
    status: 503,
    title: 'A table is in use, and its change waited in vain.',
    remedy: 'End long transactions on the table; the change is tried again with the next events or the next run.',
  },
  column_in_use: {
    exit: 1,
    status: 409,
    title: 'A view that Muster does not own keeps a column from changing.',
    remedy: 'Drop the view, let events come in, and make it again. Until then the values are in discards.',
  },
  table_refused: {
    exit: 1,
    status: 409,
    title: 'An event table does not take rows.',
    remedy:
      'Mend the table as it says: rights, a column dropped or altered. Its rows are held and land by themselves then.',
  },
  warehouse_locked: {
    exit: 2,
    status: 409,
    title: 'Another process holds the DuckDB file.',
    remedy: 'Close that process; DuckDB lets one process open a file, for reading too.',
  },
  warehouse_unreadable: {
    exit: 1,
    status: 500,
    title: 'The warehouse cannot be opened.',
    remedy: 'Check the path or URL and the permissions; restore a backup if the file is damaged.',
  },
  grain_broken: {
    exit: 1,
    status: 400,
    title: 'A table that must have one row a profile, or an account, has not.',
    remedy: 'Mend the SELECT so that each profile_id, or account_id, appears once and is never null.',
  },
  trait_conflict: {
    exit: 2,
    status: 400,
    title: 'Two models give the same trait.',
    remedy: 'Rename the column in one of them.',
  },
  table_taken: {
    exit: 2,
    status: 409,
    title: 'A table of that name is in the warehouse already, and Muster did not make it.',
    remedy: 'Move it to another schema; it was not touched.',
  },
  unknown_connector: {
    exit: 2,
    status: 400,
    title: 'A destination names a connector that does not exist.',
    remedy: 'Run `muster connectors` for the list.',
  },
  books_unbalanced: {
    exit: 1,
    status: 500,
    title: 'The books of a sync do not balance.',
    remedy: 'Nothing more is sent. Report this with the plan: it is a fault of Muster.',
  },
  plan_missing: {
    exit: 2,
    status: 404,
    title: 'There is no such plan.',
    remedy: 'Make one with `muster plan`.',
  },
  plan_outdated: {
    exit: 2,
    status: 409,
    title: 'The plan can no longer be applied.',
    remedy: 'Make a new one with `muster plan` and look at it again.',
  },
  source_table_unreadable: {
    exit: 2,
    status: 400,
    title: 'The data file of a source table cannot be loaded.',
    remedy: 'Mend the file; the rows loaded before stay in place.',
  },
  source_table_shrunk: {
    exit: 3,
    status: 409,
    title: 'A data file has far fewer rows than the table it would replace.',
    remedy: 'Mend the export, or run once with --allow-shrink SCHEMA.TABLE.',
  },
  backup_target_taken: {
    exit: 2,
    status: 400,
    title: 'A backup or a restored project goes into a new or empty folder only.',
    remedy: 'Name another folder; nothing was written.',
  },
  backup_unwritable: {
    exit: 1,
    status: 507,
    title: 'A backup could not be written.',
    remedy:
      'Make room or mend the disk, remove the unfinished folder and begin again. A folder without manifest.json is no backup.',
  },
  backup_damaged: {
    exit: 1,
    status: 422,
    title: 'A backup is not what it was when it was made.',
    remedy: 'Use another backup; nothing was restored. The message names the files.',
  },
  backup_running: {
    exit: 1,
    status: 409,
    title: 'A backup is being made already.',
    remedy: 'Wait until it is done.',
  },
  import_file_unreadable: {
    exit: 2,
    status: 400,
    title: 'A file to import cannot be read.',
    remedy: 'Check its path, its permissions and its format (CSV or NDJSON, UTF-8, packed by gzip or not).',
  },
  import_map_invalid: {
    exit: 2,
    status: 400,
    title: 'The JSONata map of an import does not compile.',
    remedy: 'Mend the map at the position named.',
  },
  predicate_invalid: {
    exit: 2,
    status: 400,
    title: 'The JSONata predicate of a replay does not compile.',
    remedy: 'Mend it at the place named; it must give true or false, such as `event = "Order Completed"`.',
  },
  replay_incomplete: {
    exit: 1,
    status: 500,
    title: 'A replay did not do all it was asked for.',
    remedy: 'Mend what it names, then go on with `muster replay --resume ID` or replay again.',
  },
  export_folder_used: {
    exit: 2,
    status: 409,
    title: 'The folder of an export is not empty.',
    remedy: 'Name a folder that does not exist yet, or empty it.',
  },
  unknown_source: {
    exit: 2,
    status: 404,
    title: 'The project has no such source.',
    remedy: 'Name one of the sources in muster.yaml, or add it there.',
  },
  log_full: {
    exit: 1,
    status: 503,
    title: 'The event log has no room left.',
    remedy: 'Let the warehouse catch up, raise log.max_disk, or free the disk; clients send again by themselves.',
  },
  log_busy: {
    exit: 1,
    status: 503,
    title: 'More events arrive than the disk can write.',
    remedy: 'Clients send again by themselves; put the log on a faster disk if this lasts.',
  },
  log_unwritable: {
    exit: 1,
    status: 503,
    title: 'The event log cannot be written.',
    remedy: 'Mend the disk: the log then goes on by itself, and nothing that was acknowledged is lost.',
  },
  log_corrupt: {
    exit: 1,
    status: 500,
    title: 'A file of the event log is damaged.',
    remedy: 'Restore the file named from the archive or a backup; nothing was changed in it.',
  },
  log_range_gone: {
    exit: 1,
    status: 410,
    title: 'Neither log nor archive holds the events asked for.',
    remedy: 'Restore the archive folder, or start from what exists.',
  },
  archive_unreachable: {
    exit: 1,
    status: 503,
    title: 'The archive does not answer.',
    remedy: 'Mend the network or the service named. Meanwhile events stay in the log, and nothing is lost.',
  },
  archive_refused: {
    exit: 1,
    status: 502,
    title: 'The archive refused a request.',
    remedy: 'Mend the bucket, keys or permissions of `log.archive` in muster.yaml. Meanwhile events stay in the log.',
  },
  archive_file_missing: {
    exit: 1,
    status: 410,
    title: 'A file of the archive is gone.',
    remedy: 'Try again; if it stays so, restore the file named.',
  },
  sql_invalid: {
    exit: 2,
    status: 400,
    title: 'A query cannot be run as it is written.',
    remedy: 'Write one SELECT over models, audiences, stitched and source tables.',
  },
  connector_invalid: {
    exit: 2,
    status: 400,
    title: 'A connector cannot be loaded.',
    remedy: 'Mend the file named; docs/adding-a-connector.md says what belongs in it.',
  },
  twin_missing: {
    exit: 2,
    status: 400,
    title: 'A connector has no twin.',
    remedy: 'Write its twin.ts, or mark the destination `real: true`.',
  },
  destination_refused: {
    exit: 1,
    status: 502,
    title: 'A destination refused a request.',
    remedy: 'Read what the vendor says; mend the settings or the permissions it names.',
  },
  destination_unreachable: {
    exit: 1,
    status: 502,
    title: 'A destination cannot be reached.',
    remedy: 'Check the network and the vendor’s status page, then run again.',
  },
  sql_untranslatable: {
    exit: 2,
    status: 400,
    title: "A SELECT cannot be said in the warehouse's SQL dialect.",
    remedy: "Write it in the warehouse's dialect and leave `dialect:` out.",
  },
  server_absent: {
    exit: 1,
    status: 503,
    title: 'The server of this project does not answer.',
    remedy: 'See what `muster serve` prints; stop it, and verbs do their work themselves.',
  },
  not_found: {
    exit: 2,
    status: 404,
    title: 'There is no such thing in this project.',
    remedy: 'Check the spelling; the list commands show what there is.',
  },
  too_many_watchers: {
    exit: 1,
    status: 429,
    title: 'Too many programs watch the live events of this project.',
    remedy: 'Close one that is no longer needed, then try again.',
  },
  run_failed: {
    exit: 1,
    status: 500,
    title: 'A run did not succeed whole.',
    remedy: 'See its steps; what failed keeps its last good rows and is not sent.',
  },
  deletion_incomplete: {
    exit: 1,
    status: 500,
    title: 'A deletion is not done yet.',
    remedy:
      'Mend what the message names. It is tried again each minute while a server runs, and by every verb without one.',
  },
  apply_incomplete: {
    exit: 1,
    status: 502,
    title: 'An apply did not deliver everything.',
    remedy: 'See the reasons in the plan; plan and apply again, and only what is missing is sent.',
  },
  write_key_missing: {
    exit: 2,
    status: 401,
    title: 'A collection request carries no write key.',
    remedy: 'Send it as the user name of Basic authentication, as `writeKey` in the body, or as ?writeKey= in the URL.',
  },
  write_key_unknown: {
    exit: 2,
    status: 401,
    title: 'A collection request carries a write key that no source has.',
    remedy: 'Use the write key of a source in muster.yaml.',
  },
  request_malformed: {
    exit: 2,
    status: 400,
    title: 'A collection request cannot be read.',
    remedy: 'Mend the body at the place named.',
  },
  request_aborted: {
    exit: 1,
    status: 400,
    title: 'The client left before the whole request had come.',
    remedy: 'Nothing was stored of it; send again.',
  },
  request_too_large: {
    exit: 2,
    status: 413,
    title: 'A collection request is too large.',
    remedy: 'Send fewer events in one request.',
  },
  request_headers_too_large: {
    exit: 2,
    status: 431,
    title: 'The headers of a request are larger than 64 KiB.',
    remedy: 'Send fewer or smaller headers; cookies are the usual cause.',
  },
  request_too_slow: {
    exit: 1,
    status: 408,
    title: 'A request did not come to an end in time.',
    remedy: 'Send again; nothing was stored of it.',
  },
  event_refused: {
    exit: 2,
    status: 400,
    title: 'An event of a request is refused, and its source refuses the whole request then.',
    remedy: 'Mend the event at the index named, or give the source `on_invalid: quarantine`.',
  },
  source_disabled: {
    exit: 2,
    status: 404,
    title: 'The source of a collection request is disabled.',
    remedy: 'Remove `enabled: false` from the source in muster.yaml.',
  },
  origin_refused: {
    exit: 2,
    status: 403,
    title: 'A source takes nothing from this page.',
    remedy: "Add the page's origin to `origins` of the source in muster.yaml.",
  },
  rate_limited: {
    exit: 1,
    status: 429,
    title: 'A source sends more than its rate limit.',
    remedy: 'Send again after the time in Retry-After, or raise `rate_limit` of the source.',
  },
  collector_busy: {
    exit: 1,
    status: 503,
    title: 'The collector reads as much at once as its memory allows.',
    remedy: 'Clients send again by themselves; send smaller requests, or run the log on a faster disk, if this lasts.',
  },
  webhook_absent: {
    exit: 2,
    status: 404,
    title: 'A webhook is sent to a source that takes none.',
    remedy: 'Give the source a `webhook:` in muster.yaml, or send with the write key of one that has it.',
  },
  webhook_signature_invalid: {
    exit: 2,
    status: 401,
    title: 'A webhook is not signed as its source asks.',
    remedy: "Compare the secret in muster.yaml with the vendor's, and the header with the vendor's documentation.",
  },
  webhook_map_failed: {
    exit: 2,
    status: 400,
    title: 'The JSONata map of a webhook failed on a body.',
    remedy: 'Mend the map at the place named; the body is kept with the rejected events.',
  },
  webhook_busy: {
    exit: 1,
    status: 503,
    title: 'More webhooks arrive than their maps can work through.',
    remedy: 'Vendors send again by themselves; see which map is slow if this lasts.',
  },
  collector_starting: {
    exit: 1,
    status: 503,
    title: 'The collector has no configuration yet.',
    remedy: 'Send again in a moment; if it stays so, see why the worker does not start.',
  },
  worker_absent: {
    exit: 1,
    status: 503,
    title: 'The worker does not answer; collection goes on.',
    remedy: 'Try again in a moment; if it stays so, read the log of `muster serve`.',
  },
  runtime_config_invalid: {
    exit: 1,
    status: 500,
    title: "The collector's runtime configuration cannot be read.",
    remedy: 'Restart `muster serve`, which writes it anew.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof catalogue

export interface ErrorDetail {
  /** What to do about this very case; the catalogue's remedy when absent. */
  readonly hint?: string
  readonly cause?: unknown
}

/** A failure with a stable code: the message says what happened with the offending value, the hint what to do. */
export class MusterError extends Error {
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, { hint, cause }: ErrorDetail = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'MusterError'
    this.code = code
    this.hint = hint ?? catalogue[code].remedy
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
