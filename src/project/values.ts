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

export const durationText = z.string().refine((value) => parseDuration(value) !== undefined, {
  error: 'must be a duration such as `30s`, `15m`, `2h` or `7d`',
})

export const sizeText = z
  .string()
  .refine((value) => parseSize(value) !== undefined, { error: 'must be a size such as `500MB` or `20GB`' })
