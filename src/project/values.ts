/** The kinds of values that files are made of. */
import { isIP } from 'node:net'
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

const ORIGIN_RULE = 'must be an origin such as `https://shop.example`: scheme and host, no path'

/** Scheme, host and port as browsers send them. */
export const origin = z.string({ error: ORIGIN_RULE }).refine(isOrigin, { error: ORIGIN_RULE })

const PATH_RULE = 'must be a path such as `/kite` or `/v1/track`'

/** A path of the collector; `/` alone is the beginning of all. */
export const collectionPath = z
  .string({ error: PATH_RULE })
  .regex(/^\/(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*)?$/, { error: PATH_RULE })

const RANGE_RULE = 'must be an address or a range such as `10.0.0.0/8` or `2001:db8::/32`'

/** An IP address or a range in CIDR notation (RFC 4632). */
export const addressRange = z.string({ error: RANGE_RULE }).refine(isAddressRange, { error: RANGE_RULE })

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
