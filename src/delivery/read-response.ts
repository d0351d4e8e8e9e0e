import type { VendorResponse } from './answer.ts'

const MAX_BYTES = 16 * 1024 * 1024
const TEXT_SHOWN = 200

/** Reads an answer whole. Rejects beyond 16 MB. */
export async function readResponse(response: Response): Promise<VendorResponse> {
  const text = await readText(response)
  const { body, plain } = parsed(text)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body,
    text: plain.slice(0, TEXT_SHOWN),
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): { readonly body: unknown; readonly plain: string } {
  if (text === '') return { body: undefined, plain: '' }
  try {
    return { body: JSON.parse(text), plain: '' }
  } catch {
    return { body: undefined, plain: text } // a page of HTML, say: shown as it is, never trusted
  }
}
