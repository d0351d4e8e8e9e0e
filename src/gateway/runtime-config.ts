import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeDurably } from '../core/durable-file.ts'
import { MusterError, messageOf } from '../core/errors.ts'

const secrets = z.array(z.string().min(1)).min(1).readonly()

/** Where a webhook's signature stands, how it is made, and the keys any of which may have made it. */
const signature = z.discriminatedUnion('scheme', [
  z.object({
    scheme: z.literal('hmac'),
    header: z.string().min(1),
    algorithm: z.enum(['sha1', 'sha256', 'sha512']),
    encoding: z.enum(['hex', 'base64']),
    prefix: z.string(),
    secrets,
  }),
  z.object({ scheme: z.literal('timestamped'), header: z.string().min(1), secrets }),
])

const webhook = z.object({
  /** JSONata, and what messages call it. */
  map: z.object({ file: z.string().min(1), text: z.string() }).readonly(),
  /** Absent: the write key alone says who sends. */
  signature: signature.readonly().optional(),
})

const source = z.object({
  name: z.string().min(1),
  writeKey: z.string().min(1),
  enabled: z.boolean().default(true),
  onInvalid: z.enum(['quarantine', 'reject']).default('quarantine'),
  /** Absent: as large as a request. */
  maxEventBytes: z.int().positive().optional(),
  rateLimit: z.object({ events: z.int().positive(), withinMs: z.int().positive() }).readonly().optional(),
  /** Origins of pages that may send; absent: everybody may. */
  origins: z.array(z.string()).readonly().optional(),
  /** Own path → the known path it stands for, both also as the beginning of longer ones. */
  paths: z.record(z.string(), z.string()).default({}),
  /** Absent: the source takes no webhooks. */
  webhook: webhook.readonly().optional(),
})

const schema = z.object({
  version: z.literal(1),
  sources: z.array(source.readonly()).readonly(),
  /** The Unix socket of the worker, to which all that is not collection is passed on. */
  socketPath: z.string().min(1),
  /** Addresses and CIDR ranges of proxies whose X-Forwarded-For is believed. */
  trustedProxies: z.array(z.string()).readonly().default([]),
  /** The origin under which browsers reach the collector; absent: the host they ask. */
  publicUrl: z.string().optional(),
  /** Says whose events are acknowledged and not stored. Nothing is collected until there is one. */
  suppressionsFile: z.string().min(1),
  limits: z
    .object({
      /** Of one request's body, unpacked. */
      maxRequestBytes: z.int().positive(),
    })
    .default({ maxRequestBytes: 4 * 1024 * 1024 }),
})

/** What the collector has to know of the project; the worker writes it and the collector follows it. */
export type RuntimeConfig = Readonly<z.output<typeof schema>>

export type RuntimeSource = RuntimeConfig['sources'][number]

export type RuntimeWebhook = NonNullable<RuntimeSource['webhook']>

export type RuntimeSignature = NonNullable<RuntimeWebhook['signature']>

/** A runtime configuration as it is written: what has a default may be left out. */
export type RuntimeConfigInput = Readonly<z.input<typeof schema>>

/** Replaces the configuration in one step; it holds write keys, so only this user may read it. */
export async function writeRuntimeConfig(file: string, config: RuntimeConfigInput): Promise<void> {
  await writeDurably(
    file,
    `${JSON.stringify(config, null, 2)}
`,
    { mode: 0o600 },
  )
}

/** @throws MusterError `runtime_config_invalid` */
export function readRuntimeConfig(file: string): RuntimeConfig {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new MusterError('runtime_config_invalid', `${file} is not a runtime configuration: ${message}`, {
      cause: error,
    })
  }
}
