/**
 * The body of `/{audience}/users`: a session, and rows of cells under a schema.
 */
import { z } from 'zod'

const HASHED = ['EMAIL', 'PHONE', 'GEN', 'DOBY', 'DOBM', 'DOBD', 'LN', 'FN', 'FI', 'CT', 'ST', 'ZIP', 'COUNTRY']
const PLAIN = ['EXTERN_ID', 'MADID']
const LEGACY: Readonly<Record<string, string>> = {
  EMAIL_SHA256: 'EMAIL',
  PHONE_SHA256: 'PHONE',
  MOBILE_ADVERTISER_ID: 'MADID',
}
const MAX_ROWS = 10_000

const cell = z.string()
const bodySchema = z.object({
  session: z
    .object({
      session_id: z.union([z.int().positive(), z.string().regex(/^[1-9][0-9]{0,18}$/)]),
      batch_seq: z.int().positive(),
      last_batch_flag: z.boolean(),
      estimated_num_total: z.int().nonnegative().optional(),
    })
    .optional(),
  payload: z.object({
    schema: z.union([z.string(), z.array(z.string()).min(1)]),
    data: z.array(z.union([cell, z.array(cell)])),
  }),
})

export interface UserBatch {
  readonly session: { readonly id: string; readonly sequence: number; readonly last: boolean } | undefined
  readonly schema: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Throws with what Meta would complain about. */
export function readUsers(body: unknown): UserBatch {
  const { success, data, error } = bodySchema.safeParse(body)
  if (!success) throw new Error(z.prettifyError(error).replaceAll('\n', ' '))
  const { session, payload } = data
  const names = typeof payload.schema === 'string' ? [payload.schema] : payload.schema
  const schema = names.map((name) => LEGACY[name] ?? name)
  const unknown = schema.find((name) => !HASHED.includes(name) && !PLAIN.includes(name))
  if (unknown !== undefined) throw new Error(`schema has the unknown key ${unknown}`)
  const rows = payload.data.map((row) => (typeof row === 'string' ? [row] : row))
  if (rows.length === 0 || rows.some((row) => row.length !== schema.length)) {
    throw new Error('Data is missing or does not match schema')
  }
  if (rows.length > MAX_ROWS) throw new Error(`The number of rows exceeds ${MAX_ROWS}`)
  return {
    session: session && { id: String(session.session_id), sequence: session.batch_seq, last: session.last_batch_flag },
    schema,
    rows,
  }
}

/** Cells of a row that are neither empty nor what their key asks for. */
export function invalidCells(schema: readonly string[], row: readonly string[]): readonly string[] {
  return row.filter(
    (value, index) => value !== '' && HASHED.includes(schema[index] ?? '') && !/^[0-9a-f]{64}$/.test(value),
  )
}

/** What a row is told apart by: its e-mail where it has one, else all it says. */
export function identityOf(cells: Readonly<Record<string, string>>): string {
  return cells.EMAIL ? `EMAIL:${cells.EMAIL}` : JSON.stringify(cells)
}
