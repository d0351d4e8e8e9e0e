/** The format of `identity:` in `muster.yaml`. */
import { z } from 'zod'
import { name, text } from './values.ts'

const identifierType = z.strictObject({
  entity: z.enum(['user', 'account']).optional().describe('Whom it names. Default: user; account for group_id.'),
  normalize: z
    .enum(['trim', 'lowercase', 'email', 'digits', 'phone'])
    .optional()
    .describe(
      'What makes two spellings one value: trim takes off white space; lowercase and email also lower the case; digits keeps nothing else; phone is E.164. Default: as the type is called, else trim.',
    ),
  expression: text
    .optional()
    .describe(
      'JSONata that gives the normal form of the text, in place of `normalize`; nothing where it names nobody.',
    ),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, { error: 'must be two capital letters (ISO 3166-1), such as DE' })
    .optional()
    .describe('Where phone numbers without a country are from. Without it such numbers name nobody.'),
  limit: z.int().min(1).optional().describe('How many of these one profile may have. Default: 5; 1 for user_id.'),
  shared_above: z
    .int()
    .min(1)
    .optional()
    .describe('A value tied to more than so many profiles names nobody. Default: 10; 1 for anonymous_id.'),
  blocked: z.array(text).optional().describe('Values, or patterns such as /^test/, of this type that name nobody.'),
})

export const identity = z.strictObject({
  priority: z
    .array(name)
    .min(1)
    .optional()
    .describe('Identifier types, strongest first. Default: user_id, email, phone, anonymous_id.'),
  types: z.record(name, identifierType).optional().describe('What is special about a type of identifiers.'),
  events: z
    .record(name, z.record(name, text))
    .optional()
    .describe('Columns of event tables that hold identifiers, such as { orders: { email: buyer_email } }.'),
  blocked: z
    .array(text)
    .optional()
    .describe('Values, or patterns such as /^test/, that name nobody, besides the built-in list.'),
  limits: z
    .enum(['on', 'off'])
    .optional()
    .describe('off: whatever is tied together is one profile, to see what the limits are good for. Default: on.'),
})
