import { MusterError, messageOf } from '../../core/errors.ts'
import { parseObject } from '../request-body.ts'

/** What a form or a query says: a text, or all texts of a name that comes several times. */
export type Fields = Readonly<Record<string, string | readonly string[]>>

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'

/**
 * A body as JSON text: JSON of any kind as it is, the text fields of a form as an object. Only forms go by their Content-Type.
 * @throws MusterError `request_malformed`
 */
export async function readBody(body: Uint8Array<ArrayBuffer>, contentType: string | null): Promise<string> {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type === MULTIPART) return JSON.stringify(fieldsOf(await multipartFields(body, contentType ?? '')))
  const text = new TextDecoder().decode(body)
  // A form that is encoded as it should be begins with no bracket: clients such as curl call JSON a form by default.
  if (type === FORM && !/^\s*[[{]/.test(text)) return JSON.stringify(fieldsOf(new URLSearchParams(text)))
  checkJson(text)
  return text
}

/** The fields in the order in which their names first come. */
export function fieldsOf(entries: Iterable<readonly [string, string]>): Fields {
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of entries) {
    const before = fields.get(name)
    if (Array.isArray(before)) before.push(value)
    else fields.set(name, before === undefined ? value : [before, value])
  }
  return Object.fromEntries(fields)
}

function checkJson(text: string): void {
  try {
    JSON.parse(text)
  } catch {
    // Throws for the same text, saying where it stops being JSON.
    parseObject(text)
  }
}

/** Files that are sent along are left out. */
async function multipartFields(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<[string, string][]> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData()
    return [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
  } catch (cause) {
    throw new MusterError('request_malformed', `the body is no multipart form: ${messageOf(cause)}`, { cause })
  }
}
