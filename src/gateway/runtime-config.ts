import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeDurably } from '../core/durable-file.ts'
import { MusterError, messageOf } from '../core/errors.ts'

const schema = z.object({
  version: z.literal(1),
  sources: z.array(z.object({ name: z.string().min(1), writeKey: z.string().min(1) })).readonly(),
  /** The Unix socket of the worker, to which all that is not collection is passed on. */
  socketPath: z.string().min(1),
  limits: z
    .object({
      /** Of one request's body, unpacked; 4 MiB when absent. */
      maxRequestBytes: z.int().positive(),
    })
    .optional(),
})

/** What the collector has to know of the project; the worker writes it and the collector follows it. */
export type RuntimeConfig = Readonly<z.infer<typeof schema>>

/** Replaces the configuration in one step; it holds write keys, so only this user may read it. */
export async function writeRuntimeConfig(file: string, config: RuntimeConfig): Promise<void> {
  await writeDurably(file, `${JSON.stringify(config, null, 2)}\n`, 0o600)
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
