/** One final answer of an HTTP server. */
export interface Answer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

interface Message extends Answer {
  /** Where the next answer starts. */
  readonly end: number
}

const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /

/**
 * The answers that a connection carried, but for interim ones (100 Continue). The last may be cut when the connection
 * was; it is left out then. Throws for what is no HTTP.
 */
export function readAnswers(bytes: Buffer, { closed, bodiless }: { closed: boolean; bodiless: boolean }): Answer[] {
  const answers: Answer[] = []
  for (let at = 0; at < bytes.length; ) {
    const message = readMessage(bytes, at, { closed, bodiless })
    if (message === undefined) break
    if (message.status >= 200) answers.push(message)
    at = message.end
  }
  return answers
}

function readMessage(
  bytes: Buffer,
  start: number,
  { closed, bodiless }: { closed: boolean; bodiless: boolean },
): Message | undefined {
  const headEnd = bytes.indexOf(HEAD_END, start)
  if (headEnd === -1) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', start, headEnd).split('\r\n')
  const status = Number(STATUS_LINE.exec(statusLine)?.[1])
  if (Number.isNaN(status)) throw new Error(`no HTTP answer: ${JSON.stringify(statusLine)}`)
  const headers = new Map(lines.map(headerOf))
  const bodyStart = headEnd + HEAD_END.length
  const none = bodiless || status < 200 || status === 204 || status === 304
  const found = none ? { body: Buffer.alloc(0), end: bodyStart } : readBody(bytes, bodyStart, headers, closed)
  return found && { status, headers, ...found }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  if (colon < 1) throw new Error(`no header of an answer: ${JSON.stringify(line)}`)
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

type Found = { readonly body: Buffer; readonly end: number }

function readBody(
  bytes: Buffer,
  start: number,
  headers: ReadonlyMap<string, string>,
  closed: boolean,
): Found | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(bytes, start)
  const declared = headers.get('content-length')
  if (declared === undefined) return closed ? { body: bytes.subarray(start), end: bytes.length } : undefined
  const end = start + Number(declared)
  return end <= bytes.length ? { body: bytes.subarray(start, end), end } : undefined
}

function readChunks(bytes: Buffer, start: number): Found | undefined {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const end = lineEnd + 2 + size + 2
    if (end > bytes.length) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), end }
    chunks.push(bytes.subarray(lineEnd + 2, end - 2))
    at = end
  }
}
