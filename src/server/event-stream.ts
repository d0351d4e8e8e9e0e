/** An event of a text/event-stream. */
export interface StreamEvent {
  /** `message` where the stream names none. */
  readonly event: string
  readonly data: string
}

const END_OF_LINE = /\r\n|\n|\r(?!$)/

/**
 * Reads server-sent events as the HTML standard parses them, until the stream ends, breaks off, or the signal; ids and
 * retry times are left aside. Whoever stops early cancels the stream.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<StreamEvent> {
  let event = ''
  let data: string | undefined
  for await (const line of lines(body, signal)) {
    if (line === '') {
      if (data !== undefined) yield { event: event || 'message', data }
      event = ''
      data = undefined
      continue
    }
    const { field, value } = split(line)
    if (field === 'event') event = value
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
  }
}

const BROKEN = { done: true, value: undefined } as const

/** The stream's lines; an unfinished last one is no line. */
async function* lines(body: ReadableStream<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => {}) // it has failed already
  signal?.addEventListener('abort', cancel)
  const decoder = new TextDecoder()
  let rest = ''
  try {
    if (signal?.aborted) return
    for (;;) {
      const { done, value } = await reader.read().catch(() => BROKEN)
      if (done) return
      const parts = (rest + decoder.decode(value, { stream: true })).split(END_OF_LINE)
      rest = parts.pop() ?? ''
      yield* parts
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    cancel()
  }
}

/** A line without a colon is a field without a value; one that begins with a colon is a comment. */
function split(line: string): { field: string; value: string } {
  const colon = line.indexOf(':')
  if (colon === -1) return { field: line, value: '' }
  return { field: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, '') }
}
