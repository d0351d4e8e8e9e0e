/** The format of `log.archive.s3`: object storage for the archive. */
import { z } from 'zod'
import { origin, text } from './values.ts'

export const s3Archive = z.strictObject({
  endpoint: origin.describe('The service, such as https://s3.eu-central-1.amazonaws.com or http://127.0.0.1:9000.'),
  region: text.optional().describe('What requests are signed for. Default: us-east-1.'),
  bucket: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, { error: 'must be the name of a bucket' })
    .describe('The bucket, which exists already.'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/, {
      error: 'must be letters, digits, `.`, `_`, `-` and `/`, such as `muster/prod`',
    })
    .optional()
    .describe('Goes before all keys. Default: none.'),
  access_key_id: text.describe('Who asks.'),
  secret_access_key: text.describe('Name a variable of the environment: it is secret.'),
})
