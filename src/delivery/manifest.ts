/**
 * The manifest: `connector.yaml`, all that is declarative about a vendor's API. From it come validation, the console's
 * form, redaction, the documentation page and the requests themselves.
 *
 * expression  JSONata over what a request or its answer is about; its input is in `RequestInput` and `AnswerInput`
 * template    text with expressions in braces, such as `/lists/{settings.list_id}`
 */
import { z } from 'zod'
import { NORMALISERS } from './normalisers.ts'

const expression = z.string().min(1).describe('A JSONata expression.')
const template = z.string().min(1).describe('Text with JSONata expressions in braces; each value is percent-encoded.')
const settingsTemplate = z.string().min(1).describe('Text with names of settings in braces.')
const code = z.string().min(1)

const property = {
  title: z.string().min(1).describe('What a form shows above the field.'),
  description: z.string().min(1).describe('What it is and where to find it, in whole sentences.'),
  type: z.enum(['text', 'number', 'boolean']).default('text'),
  pattern: z.string().optional().describe('A regular expression the whole text must match.'),
  one_of: z.array(z.string()).min(1).optional().describe('The only values there are.'),
  required: z.boolean().default(false),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  example: z.union([z.string(), z.number(), z.boolean()]).optional(),
}

const setting = z.strictObject({
  ...property,
  from: z
    .strictObject({ setting: z.string(), match: z.string().describe('Its first group is the value.') })
    .optional()
    .describe('Where the value is taken from when it is not given.'),
  secret: z.boolean().default(false).describe('Never shown in plans, logs, errors or the API.'),
})
const option = z.strictObject(property)

const field = z.strictObject({
  title: z.string().min(1),
  as: z.string().min(1).optional().describe("The vendor's name of the field; absent: the field's own."),
  columns: z.array(z.string()).default([]).describe('Columns taken without being mapped, the first that exists.'),
  normalise: z.enum(NORMALISERS).describe('How a value is brought into the form the vendor asks for.'),
  hash: z.enum(['sha256']).optional().describe('Hashed after normalising; a value that is such a hash already stays.'),
  required: z.boolean().default(false),
})

const otherFields = z.strictObject({
  title: z.string().min(1),
  pattern: z.string().min(1).describe('A regular expression that the names of such fields match as a whole.'),
  normalise: z.enum(NORMALISERS),
})

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bearer'), token: z.string().describe('The setting that holds the token.') }),
  z.strictObject({
    kind: z.literal('basic'),
    user: z.string().describe('The user name as it is.'),
    password: z.string().describe('The setting that holds the password.'),
  }),
  z.strictObject({ kind: z.literal('query'), name: z.string(), token: z.string() }),
])

const limits = z.strictObject({
  rows: z.int().positive().describe('Rows of one batch.'),
  concurrency: z.int().positive().describe('Calls at once.'),
  calls_per_second: z.int().positive().optional(),
  timeout_seconds: z.number().positive().default(60),
  wait: expression.optional().describe('Seconds the vendor asks to wait, from an answer without Retry-After.'),
})

const query = z
  .record(z.string(), expression)
  .default({})
  .describe('Query parameters; one without a value is left out.')

const read = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('atomic') }).describe('All rows or none.'),
  z
    .strictObject({
      kind: z.literal('per_row_id'),
      refused: expression.describe('The refused rows: [{ "id", "code", "message" }].'),
      acknowledged: expression.optional().describe('The ids taken; rows named neither here nor there are in doubt.'),
    })
    .describe('Rows are named by their key.'),
  z
    .strictObject({
      kind: z.literal('per_row_index'),
      refused: expression.describe('The refused rows: [{ "index" from 0, "code", "message" }].'),
    })
    .describe('Rows are named by their place in the call.'),
  z
    .strictObject({
      kind: z.literal('counts_only'),
      received: expression.describe('How many rows arrived.'),
      invalid: expression.describe('How many of them were refused.'),
      samples: expression.optional().describe('Some of the refused values.'),
    })
    .describe('The vendor counts refused rows and does not name them: halves are sent again until they are found.'),
])

const call = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: template,
  query,
  envelope: z
    .string()
    .regex(/^[a-z0-9_]+\.jsonata$/)
    .optional()
    .describe('The file that shapes the body.'),
  gone: z.array(z.int()).default([]).describe('Statuses that say the member is not there, which is what was wanted.'),
  per: z.enum(['batch', 'row']).default('batch').describe('One call a batch, or one a row.'),
  read,
})

const step = z.strictObject({
  call: z.string().describe('A key of `calls`.'),
  when: expression.optional().describe('The step is left out when this is false.'),
  only: code.optional().describe('Takes the rows that the steps before answered with this code, and answers anew.'),
})
const steps = z.array(step).min(1).describe('A row must pass all of them, one after another.')

const get = z.strictObject({ path: template, query })

const search = z.strictObject({
  given: z.string().describe('The option this search works with.'),
  path: template,
  query,
  found: expression.describe('Objects of the answer that are the one: { "id", "name", "size" }, or several.'),
  next: expression.optional().describe('Query parameters of the next page, as an object; nothing on the last.'),
  size: z
    .strictObject({ path: template, query, size: expression })
    .optional()
    .describe('Asks for the number of members where the search does not tell it.'),
})

const object = z.strictObject({
  title: z.string().min(1).describe('What the vendor calls that which holds members, such as "custom audience".'),
  find: z.array(search).min(1).describe('One for each option that names the object; exactly one of them is given.'),
  create: z.strictObject({
    given: z.string().describe('The option that names an object to make.'),
    path: template,
    query,
    envelope: z.string().regex(/^[a-z0-9_]+\.jsonata$/),
    created: expression.describe('{ "id", "name" } of the new object.'),
  }),
})

const vendorError = z.strictObject({
  outcome: z
    .enum(['delivered', 'rejected', 'failed', 'in_doubt'])
    .describe('What becomes of the rows, once the retries are through.'),
  retry: z.boolean().default(false),
  message: z.string().min(1).describe('The sentence the user reads.'),
  says: z.string().optional().describe("Only when the vendor's own text contains this; such entries go first."),
  code: code.optional().describe('The vendor code this is about; absent: the name of the entry.'),
})

export const manifestSchema = z
  .strictObject({
    title: z.string().min(1),
    description: z.string().min(1),
    docs: z.url().describe("The vendor's documentation of the API."),
    settings: z.record(z.string(), setting),
    options: z.record(z.string(), option).describe('What `send:` may say besides mapping, consent and guards.'),
    object,
    key: z.string().describe('The field that identifies a member.'),
    fields: z.record(z.string(), field),
    other_fields: otherFields.optional().describe('Fields the vendor lets its users define; mapped by name only.'),
    base_url: settingsTemplate,
    version: z.string().min(1).describe('The version of the API: first part of every path.'),
    account: settingsTemplate.describe("The vendor's name of the account that the settings open."),
    auth,
    query: query.describe('Query parameters of every call; these expressions may read secrets.'),
    limits,
    check: get.describe('A call that changes nothing and fails when the settings do not work.'),
    calls: z.record(z.string(), call),
    operations: z.strictObject({ add: steps, update: steps, remove: steps }),
    error: z
      .strictObject({
        codes: expression.describe('The codes of an error answer, the most telling first.'),
        message: expression.describe("The vendor's sentence."),
      })
      .describe('How an answer that is an error is read.'),
    errors: z.record(z.string(), vendorError),
    notes: z.array(z.string()).default([]).describe('What a user should know, one sentence each.'),
  })
  .describe('A Muster connector: how one vendor is spoken to.')

export type Manifest = z.infer<typeof manifestSchema>
export type Call = Manifest['calls'][string]
export type Read = Call['read']
export type Property = Manifest['options'][string]
export type Field = Manifest['fields'][string]
export type VendorError = Manifest['errors'][string]

/** The JSON Schema of connector.yaml, for editors. */
export function connectorSchema(): object {
  return z.toJSONSchema(manifestSchema, { io: 'input' })
}
