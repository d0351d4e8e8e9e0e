/** The kinds of values that files are made of. */
import { z } from 'zod'
import { parseDuration } from './duration.ts'
import { NAME, NAME_RULE } from './names.ts'
import { parseSize } from './size.ts'

export const text = z.string().min(1)

export const name = z.string().regex(NAME, { error: NAME_RULE })

export const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be a text, a number, true or false',
})

const DURATION_RULE = 'must be a duration such as `30s`, `15m`, `2h` or `7d`'

export const durationText = z
  .string({ error: DURATION_RULE })
  .refine((value) => parseDuration(value) !== undefined, { error: DURATION_RULE })

const SIZE_RULE = 'must be a size such as `500MB` or `20GB`'

export const sizeText = z
  .string({ error: SIZE_RULE })
  .refine((value) => parseSize(value) !== undefined, { error: SIZE_RULE })
