/** The settings in the leading comment of a model or audience. */
import { z } from 'zod'
import { durationText, name, scalar, text } from './values.ts'

const guards = z.strictObject({
  max_removed_percent: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe('A plan that removes more of the members is stopped. Default: 30.'),
  max_removed: z.int().min(0).optional().describe('A plan that removes more members than this is stopped.'),
  allow_empty: z.boolean().optional().describe('Whether the audience may become empty. Default: false.'),
})

const send = z
  .object({
    mode: z
      .enum(['mirror', 'upsert'])
      .optional()
      .describe('mirror: who leaves the audience is removed; upsert: nobody ever is. Default: mirror.'),
    mapping: z.record(text, text).optional().describe('Field of the destination → column of the audience or trait.'),
    consent: name
      .optional()
      .describe('The purpose a person must have consented to: the trait consent_<purpose> must be true.'),
    allow_stale: z
      .boolean()
      .optional()
      .describe('Whether members are sent when the last build failed. Default: false.'),
    guards: guards.optional().describe('What stops a plan.'),
  })
  .catchall(scalar)

const definition = {
  description: z.string().optional().describe('What it means, for people.'),
  owner: text.optional().describe('Who answers for it.'),
  dialect: name.optional().describe("The SQL dialect it is written in. Default: the warehouse's."),
  tags: z.array(text).optional().describe('Words to select it by.'),
  refresh: durationText.optional().describe('How often it is rebuilt, such as 15m. Default: with each whole run.'),
  send: z
    .record(name, send.nullable())
    .optional()
    .describe(
      'Destination → how it is sent there. Further keys are what the connector asks for, such as an audience or tag.',
    ),
}

const entity = z.enum(['user', 'account'])

export const modelFrontMatter = z.strictObject({
  ...definition,
  entity: entity
    .optional()
    .describe('user: each row is a profile; account: each row is an account. Further columns are traits.'),
  materialize: z.enum(['view', 'table']).optional().describe('Default: table.'),
})

export const audienceFrontMatter = z.strictObject({
  ...definition,
  entity: entity.optional().describe('What its members are. Default: user.'),
})

export type ModelFrontMatter = z.infer<typeof modelFrontMatter>
export type AudienceFrontMatter = z.infer<typeof audienceFrontMatter>
export type SendSettings = NonNullable<NonNullable<AudienceFrontMatter['send']>[string]>
