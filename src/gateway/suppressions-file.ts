import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../core/durable-file.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import type { Suppressed } from '../event/index.ts'

const schema = z.object({ salt: z.string(), hashes: z.array(z.string()).readonly() })

/** Where an environment's suppressions are written for the collector. */
export function suppressionsFile(root: string, env: string): string {
  return join(root, '.muster', `suppressions.${env}.json`)
}

/** Replaces the file in one step; the collector follows it. */
export async function writeSuppressions(file: string, suppressed: Suppressed): Promise<void> {
  await writeDurably(file, `${JSON.stringify(suppressed)}\n`, { mode: 0o600 })
}

/** @throws MusterError `runtime_config_invalid` */
export function readSuppressions(file: string): Suppressed {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new MusterError('runtime_config_invalid', `${file} holds no suppressions: ${messageOf(cause)}`, { cause })
  }
}
