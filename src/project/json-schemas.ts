import { z } from 'zod'
import { audienceFrontMatter, modelFrontMatter } from './front-matter.ts'
import { musterFile } from './muster-file.ts'

/** JSON Schemas for editors: of `muster.yaml`, and of the front matter of a `model` and an `audience`. */
export function jsonSchemas(): Readonly<Record<'muster.yaml' | 'model' | 'audience', object>> {
  return {
    'muster.yaml': z.toJSONSchema(musterFile, { io: 'input' }),
    model: z.toJSONSchema(modelFrontMatter, { io: 'input' }),
    audience: z.toJSONSchema(audienceFrontMatter, { io: 'input' }),
  }
}
