/**
 * The project: everything its files say, read once and normalised for one environment.
 *
 * project      a folder with `muster.yaml`, `models/`, `audiences/`, `connectors/`, `data/`
 * definition   a model or an audience; its path is its identity
 * environment  a name under `environments:` (default `dev`) that chooses warehouse, schema prefix and credentials
 * send         a definition sent to a destination: one entry of its `send:`
 */
import type { Entity } from './entity.ts'

/** Where in the user's files something is said. File relative to the project with forward slashes; 1-based. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A load takes so many events at most, or what came within so long of its first. */
export interface BatchSettings {
  readonly events: number
  readonly withinMs: number
}

export interface Project {
  /** Absolute path of the folder. */
  readonly root: string
  /** The folder's name. */
  readonly name: string
  /** The environment read for. */
  readonly env: string
  /** How the warehouse consumer cuts the log into loads. */
  readonly landing: BatchSettings
  /** Goes before the schemas that Muster owns; empty in `dev`. */
  readonly prefix: string
  /** IANA name; calendar days are cut in it. */
  readonly timezone: string
  readonly warehouse: WarehouseSettings
  readonly log: LogSettings
  /** Later copies of a live event are looked for within this long. */
  readonly dedupWindowMs: number
  readonly listen: Listen
  /** By name, in the order of the file. */
  readonly sources: Readonly<Record<string, Source>>
  readonly sourceTables: readonly SourceTable[]
  readonly identity: IdentitySettings
  readonly destinations: Readonly<Record<string, Destination>>
  readonly models: readonly Model[]
  readonly audiences: readonly Audience[]
}

export type WarehouseSettings = DuckdbWarehouse | PostgresWarehouse

export interface DuckdbWarehouse {
  readonly engine: 'duckdb'
  /** Absolute path of the database file. */
  readonly path: string
  /** Such as `2GB`; absent: 40 % of the machine's memory. */
  readonly memoryLimit?: string
  readonly threads?: number
  /** Values stand in the file as they are. */
  readonly compression?: 'none'
}

export interface PostgresWarehouse {
  readonly engine: 'postgres'
  /** With user and password; never shown. */
  readonly url: string
  /** The role whose rights users' queries have; absent: Muster's own. */
  readonly queryRole?: string
}

export interface LogSettings {
  /** Absolute folder of log segments. */
  readonly dir: string
  /** Beyond this the collector answers 503. */
  readonly maxDiskBytes: number
  /** Where closed segments and imports are kept; absent when `archive: false`. */
  readonly archive?: ArchiveSettings
}

export type ArchiveSettings =
  /** `dir` is absolute. */
  { readonly kind: 'folder'; readonly dir: string } | ({ readonly kind: 's3' } & S3Archive)

/** A bucket of any service that speaks the S3 API. */
export interface S3Archive {
  /** An origin, such as `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** Goes before all keys; may be empty. */
  readonly prefix: string
  readonly accessKeyId: string
  /** Never shown. */
  readonly secretAccessKey: string
}

export interface Listen {
  readonly host: string
  readonly port: number
  /** Addresses and CIDR ranges of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** The origin under which browsers reach the collector; absent: the host they ask. */
  readonly publicUrl?: string
}

export interface Source extends Place {
  readonly name: string
  readonly writeKey: string
  readonly enabled: boolean
  /** `quarantine` keeps a bad event with its reason and takes the rest; `reject` refuses the whole request. */
  readonly onInvalid: 'quarantine' | 'reject'
  /** Absent: as large as a request. */
  readonly maxEventBytes?: number
  readonly rateLimit?: RateLimit
  /** Origins of pages that may send; absent: all. */
  readonly origins?: readonly string[]
  /** Own path → the known path that it stands for, both also as the beginning of longer ones. */
  readonly paths: Readonly<Record<string, string>>
  /** Absent: as the events are. */
  readonly tables?: TableSettings
  /** How long what it received is kept; absent: for ever. */
  readonly retention?: Retention
  /** Absent: the source takes no webhooks. */
  readonly webhook?: Webhook
}

/** How a source's events become rows. */
export interface TableSettings {
  /** Members that stay JSON, such as `track.properties.cart`. */
  readonly jsonPaths: readonly string[]
  /** Whether the table of each type keeps the whole event. */
  readonly storesEvents: boolean
}

export interface Retention {
  /** Of rows in event tables. */
  readonly eventsMs?: number
  /** Of records in the archive. */
  readonly archiveMs?: number
}

/** How requests of a vendor become events. Map and signature come from the project or from a connector. */
export interface Webhook extends Place {
  /** Brings the map and the signature's scheme where the project says none. */
  readonly connector?: string
  readonly map?: WebhookMap
  readonly signature?: SignatureScheme
  /** Keys of the signature, any of which may have signed; none: requests are not signed. Never shown. */
  readonly secrets: readonly string[]
}

export interface WebhookMap {
  /** For messages: relative to the project, or to the folder of connectors. */
  readonly file: string
  /** JSONata. */
  readonly text: string
}

/** Where a signature stands and how it is made: of the body, or of a timestamp and the body as Stripe does. */
export type SignatureScheme =
  | {
      readonly scheme: 'hmac'
      readonly header: string
      readonly algorithm: 'sha1' | 'sha256' | 'sha512'
      readonly encoding: 'hex' | 'base64'
      readonly prefix: string
    }
  | { readonly scheme: 'timestamped'; readonly header: string }

/** So many events at once, and refilled evenly within so long. */
export interface RateLimit {
  readonly events: number
  readonly withinMs: number
}

export interface SourceTable extends Place {
  readonly schema: string
  readonly name: string
  /** The data file it is loaded from; absent when the table is in the warehouse already. */
  readonly data?: DataFile
  /** Identifier type → the column that holds it. */
  readonly identifiers: Readonly<Record<string, string>>
  /** Columns read as text whatever they look like, besides those of identifiers. */
  readonly text: readonly string[]
  /** A replacement with fewer rows than this share of the present ones is stopped; 0.5 by default. */
  readonly minRowsShare: number
}

export interface DataFile {
  /** Absolute; inside the project's `data/`. */
  readonly path: string
  readonly format: 'csv' | 'parquet' | 'ndjson'
}

/** A type of identifiers and its rules. */
export interface IdentifierType {
  readonly name: string
  readonly entity: Entity
  readonly normalize: 'trim' | 'lowercase' | 'email' | 'digits' | 'phone'
  /** JSONata in place of `normalize`. */
  readonly expression?: string
  /** ISO 3166-1: where phone numbers without a country are from. */
  readonly country?: string
  /** How many of these a profile may have. */
  readonly limit: number
  /** A value that ties more than so many profiles names nobody. */
  readonly sharedAbove: number
  /** Values, or patterns between slashes, that name nobody. */
  readonly blocked: readonly string[]
}

export interface IdentitySettings {
  /** Those of users, then those of accounts; strongest first. */
  readonly types: readonly IdentifierType[]
  /** Event table → identifier type → column, besides those that every event has. */
  readonly events: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Values, or patterns between slashes, that name nobody, besides the built-in list. */
  readonly blocked: readonly string[]
  /** Whether limits and shared values are minded. */
  readonly limited: boolean
}

export interface Destination extends Place {
  readonly name: string
  readonly connector: string
  readonly settings: Readonly<Record<string, string | number | boolean>>
  /** Played by the connector's twin: so in `dev`, unless the destination is marked `real: true`. */
  readonly twin: boolean
}

interface Definition {
  /** `models.user_value`, `audiences.at_risk`. */
  readonly id: string
  readonly name: string
  /** Relative to the project, with forward slashes. */
  readonly file: string
  readonly description: string
  /** Who answers for it. */
  readonly owner?: string
  /** The file's whole text, leading comment included, so that lines are those of the file. */
  readonly sql: string
  /** The SQL dialect it is written in; absent: the warehouse's. */
  readonly dialect?: string
  readonly tags: readonly string[]
  /** How often it is rebuilt, such as `15m`; absent: with each whole run only. */
  readonly refresh?: string
  readonly send: readonly Send[]
}

export interface Model extends Definition {
  /** Logical: the folder under `models/`, or `models`. */
  readonly schema: string
  readonly materialize: 'view' | 'table'
  /** Whose each row is, so that each further column is a trait of theirs; absent: nobody's in particular. */
  readonly grain?: Entity
}

export interface Audience extends Definition {
  readonly schema: 'audiences'
  /** What its members are. */
  readonly entity: Entity
}

export interface Send extends Place {
  readonly destination: string
  /** `mirror` (the default) removes who left the audience; `upsert` never removes. */
  readonly mode: 'mirror' | 'upsert'
  /** Field of the destination → column of the audience or trait. Fields not named take the column of their own name. */
  readonly mapping: Readonly<Record<string, string>>
  /** What the connector asks for besides: audience id, tag, what to do with leavers. */
  readonly options: Readonly<Record<string, string | number | boolean>>
  /** The purpose a person must have consented to: the trait `consent_<purpose>` must be true. */
  readonly consent?: string
  readonly allowStale: boolean
  readonly guards: Guards
}

export interface Guards {
  /** A plan that removes more of the members than this is stopped; 30 by default. */
  readonly maxRemovedPercent: number
  readonly maxRemoved?: number
  /** Whether an audience may become empty. */
  readonly allowEmpty: boolean
}
