/** The format of a source's `webhook:`, and of the signature schemes that connectors declare. */
import { z } from 'zod'
import { name, text } from './values.ts'

const SECRET_RULE = 'must be a text or a list of texts'

const secret = z.union([text, z.array(text).min(1)], { error: SECRET_RULE })

/** How a vendor signs a request. Keys that a scheme has no use for are reported by `checkScheme`. */
export const signatureScheme = z.strictObject({
  scheme: z
    .enum(['hmac', 'timestamped'])
    .optional()
    .describe('hmac: a keyed hash of the body (the default); timestamped: `t=…,v1=…` as Stripe sends it.'),
  header: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, { error: 'must be the name of a header, such as X-Hub-Signature-256' })
    .describe('The header that holds the signature.'),
  algorithm: z.enum(['sha1', 'sha256', 'sha512']).optional().describe('Of hmac. Default: sha256.'),
  encoding: z.enum(['hex', 'base64']).optional().describe('Of hmac: how the hash is written. Default: hex.'),
  prefix: z.string().optional().describe('Of hmac: what stands before the hash, such as `sha256=`.'),
})

export const webhook = z.strictObject({
  connector: name
    .optional()
    .describe('A connector that knows the vendor, such as stripe: it brings map and signature.'),
  map: text.optional().describe('A JSONata file, relative to the project, that makes events of a body.'),
  secret: secret.optional().describe("With a connector: the vendor's signing secret, or several while it is changed."),
  signature: signatureScheme
    .extend({ secret: secret.describe("The vendor's signing secret, or several while it is changed.") })
    .optional()
    .describe('How the vendor signs. Without it the write key alone says who sends.'),
})
