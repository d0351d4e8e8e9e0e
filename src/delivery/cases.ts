/**
 * Cases: recorded conversations with a vendor, `connectors/<name>/cases/<operation>.yaml`. Given these rows, these
 * requests leave; given these responses, these outcomes.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const json = z.json()
const scalar = z.union([z.string(), z.number(), z.boolean()])

const exchangeSchema = z.strictObject({
  request: z.strictObject({
    method: z.string(),
    /** With the query, as it stands in the request line. */
    path: z.string(),
    /** Only those of note. */
    headers: z.record(z.string(), z.string()).default({}),
    body: json.optional(),
  }),
  response: z.strictObject({
    status: z.int().default(200),
    headers: z.record(z.string(), z.string()).default({}),
    body: json.optional(),
    /** Instead of JSON. */
    text: z.string().optional(),
    /** The connection breaks instead. */
    lost: z.boolean().default(false),
  }),
})

const caseSchema = z.strictObject({
  name: z.string(),
  does: z.enum(['check', 'find', 'create', 'add', 'update', 'remove']),
  options: z.record(z.string(), scalar).default({}),
  object: z.strictObject({ id: z.string(), name: z.string() }).optional(),
  mapping: z.record(z.string(), z.string()).default({}),
  /** As they stand in the warehouse: column → text. */
  rows: z.array(z.record(z.string(), z.string().nullable())).default([]),
  exchange: z.array(exchangeSchema),
  /** One a row: `delivered`, `invalid CODE`, or what the vendor said. */
  outcomes: z
    .array(z.union([z.string(), z.strictObject({ status: z.string(), code: z.string(), message: z.string() })]))
    .default([]),
  /** What `find` and `create` give; an error's code and message when they throw. */
  result: json.optional(),
})

const fileSchema = z.strictObject({ settings: z.record(z.string(), scalar), cases: z.array(caseSchema).min(1) })

export type RecordedCase = z.infer<typeof caseSchema>
export type Exchange = z.infer<typeof exchangeSchema>

export interface CaseFile extends z.infer<typeof fileSchema> {
  readonly name: string
}

/** All cases of a connector's folder. */
export async function readCases(folder: string): Promise<readonly CaseFile[]> {
  const dir = join(folder, 'cases')
  const files = (await readdir(dir)).filter((file) => file.endsWith('.yaml')).sort()
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(dir, file), 'utf8')
      return { name: basename(file, '.yaml'), ...fileSchema.parse(parse(text)) }
    }),
  )
}
