/** The format of `muster.yaml`. Its JSON Schema, and what a person reads in an editor, come out of these declarations. */
import { z } from 'zod'
import { s3Archive } from './archive-format.ts'
import { identity } from './identity-format.ts'
import { addressRange, collectionPath, durationText, name, origin, scalar, sizeText, text } from './values.ts'
import { webhook } from './webhook-format.ts'

const POSTGRES_URL_RULE = 'must be a URL such as `postgres://user:password@host:5432/database`'

const warehouse = z.strictObject({
  engine: z.enum(['duckdb', 'postgres']).optional().describe('The warehouse engine. Default: duckdb.'),
  path: text.optional().describe('The DuckDB file, relative to the project. Default: .muster/warehouse.duckdb.'),
  memory_limit: sizeText.optional().describe('Memory DuckDB may use, such as 2GB. Default: 40 % of the machine.'),
  threads: z.int().min(1).max(1024).optional().describe('Threads DuckDB may use.'),
  url: z
    .string({ error: POSTGRES_URL_RULE })
    .refine((value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value), { error: POSTGRES_URL_RULE })
    .optional()
    .describe('Where Postgres is, with user and password: a secret, so take it from an environment variable.'),
  query_role: text.optional().describe('The Postgres role whose rights `muster query` has.'),
  compression: z
    .enum(['none'])
    .optional()
    .describe('none: DuckDB stores values as they are, so that a search of its bytes is proof. Default: compressed.'),
})

const log = z.strictObject({
  path: text.optional().describe('The folder of the event log, relative to the project. Default: .muster/log.'),
  max_disk: sizeText.optional().describe('Beyond this the collector answers 503. Default: 20GB.'),
  archive: z
    .union([z.boolean(), text, z.strictObject({ s3: s3Archive.describe('A bucket.') })], {
      error: 'must be true, false, a folder or `s3:`',
    })
    .optional()
    .describe('Whether closed log segments are kept: true (in .muster/archive), false, a folder, or object storage.'),
})

/** The type, the member and the keys within it. */
const jsonPath = text.regex(
  /^(?:identify|track|page|screen|group|alias)\.(?:properties|traits|userProperties|context)(?:\.[^.\s,]+)+$/,
  'must be such as track.properties.cart, identify.traits.address or page.context.extra',
)

const source = z.strictObject({
  write_key: text.describe('What an SDK authenticates with; one a source.'),
  enabled: z.boolean().optional().describe('false: requests are answered 404 and nothing is stored. Default: true.'),
  on_invalid: z
    .enum(['quarantine', 'reject'])
    .optional()
    .describe(
      'What a bad event does: quarantine keeps it with its reason and takes the good ones (the default); reject refuses the whole request.',
    ),
  max_event_size: sizeText
    .optional()
    .describe('The largest event taken, such as 32KB. Default: that of a request, 4MiB.'),
  rate_limit: z
    .strictObject({
      events: z.int().min(1).describe('Events that may come at once, and within each such time.'),
      within: durationText.describe('A duration such as `1s` or `1m`.'),
    })
    .optional()
    .describe('Beyond this a request is answered 429 with Retry-After. Default: no limit.'),
  origins: z
    .array(origin)
    .min(1)
    .optional()
    .describe('Pages that may send, such as https://shop.example. Default: every page and every server.'),
  paths: z
    .record(collectionPath, collectionPath)
    .optional()
    .describe('Own paths in place of known ones, such as { /kite: /v1 }: ad blockers know /v1/track and its like.'),
  json_paths: z
    .array(jsonPath)
    .optional()
    .describe('Members that stay JSON in one column instead of one for each of theirs, such as track.properties.cart.'),
  store_full_event: z
    .boolean()
    .optional()
    .describe('true: the table of each type keeps the whole event as JSON, in rudder_event. Default: false.'),
  retention: z
    .strictObject({
      events: durationText.optional().describe('Rows of event tables received longer ago are deleted, such as 90d.'),
      archive: durationText.optional().describe('What the archive holds from longer ago is erased, such as 400d.'),
    })
    .optional()
    .describe('How long the source keeps what it received. Default: for ever.'),
  webhook: webhook.optional().describe('Lets /v1/webhook take what a vendor sends of itself.'),
})

const sourceTable = z.strictObject({
  file: text
    .regex(/\.(csv|parquet|ndjson|jsonl)$/i, { error: 'must end in .csv, .parquet, .ndjson or .jsonl' })
    .optional()
    .describe('The data file, relative to data/. Without it the table is in the warehouse already.'),
  identifiers: z
    .record(name, text)
    .optional()
    .describe('Identifier type → the column that holds it, such as { email: email_address }.'),
  text: z.array(text).optional().describe('Columns to be read as text, such as postal codes.'),
  guards: z
    .strictObject({
      min_rows_percent: z
        .number()
        .min(0)
        .max(100)
        .optional()
        .describe('A new file with fewer rows than this share of the present ones is stopped. Default: 50.'),
    })
    .optional()
    .describe('What stops a replacement.'),
})

const settings = z.record(text, scalar)

const destination = z.strictObject({
  connector: name.describe('The connector, as `muster connectors` lists it.'),
  settings: settings.optional().describe('What the connector asks for: credentials and account.'),
  real: z
    .boolean()
    .optional()
    .describe('Whether the real API is called. Default: false in dev, where a local twin plays it, true elsewhere.'),
})

const environment = z.strictObject({
  prefix: z
    .string()
    .regex(/^([a-z][a-z0-9_]{0,30})?$/, { error: 'must be small letters, digits and `_`, at most 31, such as `prod_`' })
    .optional()
    .describe('Goes before the schemas that Muster owns. Default: the name and `_`; nothing in dev.'),
  warehouse: warehouse.optional().describe('Keys that replace those of `warehouse`.'),
  destinations: z
    .record(name, destination.pick({ settings: true, real: true }))
    .optional()
    .describe('Keys that are merged over those of `destinations`.'),
})

export const musterFile = z.strictObject({
  version: z.literal(1).describe('The version of this format: 1.'),
  timezone: text.optional().describe('Where calendar days begin and end: an IANA name. Default: UTC.'),
  warehouse: warehouse.optional().describe('Where all tables live.'),
  log: log.optional().describe('Where events are kept between the collector and the warehouse.'),
  landing: z
    .strictObject({
      events: z.int().min(1).max(500_000).optional().describe('Events that land at once, at most. Default: 50000.'),
      within: durationText.optional().describe('How long an event may wait for others, such as 10s. Default: 2s.'),
    })
    .optional()
    .describe('How events are cut into loads.'),
  dedup_window: durationText
    .optional()
    .describe('Later copies of an event are looked for within this long. Default: 7d.'),
  listen: z
    .strictObject({
      host: text.optional().describe('Default: 127.0.0.1.'),
      port: z.int().min(0).max(65_535).optional().describe('Default: 8080.'),
      trusted_proxies: z
        .array(addressRange)
        .optional()
        .describe(
          'Proxies whose X-Forwarded-For is believed, such as 203.0.113.0/24. Default: this machine and private networks.',
        ),
      public_url: origin
        .optional()
        .describe(
          'Where browsers reach the collector, such as https://events.example.com. Default: the host they ask.',
        ),
    })
    .optional()
    .describe('Where `muster serve` listens.'),
  sources: z.record(name, source).optional().describe('Where events come from, by name.'),
  source_tables: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,62}\.[a-z][a-z0-9_]{0,62}$/, {
        error: 'must be `schema.table`, in small letters, digits and `_`',
      }),
      sourceTable.nullable(),
    )
    .optional()
    .describe('Business tables, such as billing.customers.'),
  identity: identity.optional().describe('How identifiers are stitched into profiles and accounts.'),
  destinations: z.record(name, destination).optional().describe('Configured connectors, by name.'),
  environments: z
    .record(name, environment.nullable())
    .optional()
    .describe('What differs where, by the name given to --env.'),
})

export type MusterFile = z.infer<typeof musterFile>
