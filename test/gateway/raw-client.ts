import { connect } from 'node:net'
import { type Answer, readAnswers } from './http-answer.ts'

/** What a client does on one connection. */
export interface Script {
  readonly bytes: Buffer
  /** Once all is written: hear what is said, end its half of the connection, or break the connection off. */
  readonly then?: 'listen' | 'end' | 'break off'
  /** Whether the request was HEAD, whose answer declares a body without having one. */
  readonly bodiless?: boolean
}

export interface Exchange {
  readonly answers: readonly Answer[]
  /**
   * closed    by the server, or by both
   * idle      the server waits for more of the client
   * deadline  the server neither answered nor closed
   */
  readonly end: 'closed' | 'idle' | 'deadline'
}

/** Beyond this a server hangs; what is largest takes it a second on a machine that has nothing else to do. */
const DEADLINE_MS = 15_000

/** A connection on which an answer came waits for the client if it is as silent as this. */
const SILENT_MS = 200

export interface Waiting {
  /** A server that says nothing for so many milliseconds is told that nothing more comes. */
  readonly patience?: number
  readonly deadlineMs?: number
}

/** Sends the bytes on a connection of its own and collects what comes back. */
export function exchange(port: number, script: Script, waiting: Waiting = {}): Promise<Exchange> {
  const { patience, deadlineMs = DEADLINE_MS } = waiting
  const { bytes, then = 'listen', bodiless = false } = script
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const received: Buffer[] = []
    let silence: NodeJS.Timeout | undefined
    const deadline = setTimeout(() => finish('deadline'), deadlineMs)

    function answers(closed: boolean): Answer[] {
      return readAnswers(Buffer.concat(received), { closed, bodiless })
    }
    function finish(end: Exchange['end']): void {
      clearTimeout(deadline)
      clearTimeout(silence)
      socket.destroy()
      resolve({ answers: answers(end === 'closed'), end })
    }
    socket.on('data', (chunk) => {
      received.push(chunk)
      clearTimeout(silence)
      silence = setTimeout(() => answers(false).length > 0 && finish('idle'), SILENT_MS)
    })
    // What broke the connection is its end; what came before it counts.
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('close', () => finish('closed'))
    socket.write(bytes, () => {
      if (then === 'end') socket.end()
      if (then === 'break off') socket.resetAndDestroy()
      if (patience !== undefined) silence ??= setTimeout(() => socket.end(), patience)
    })
  })
}
