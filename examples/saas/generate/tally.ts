import type { Analytics } from '@segment/analytics-node'

export interface Sent {
  readonly sent: number
  readonly failed: number
}

export interface SendResult extends Sent {
  /** Why messages failed, with how many did so. */
  readonly reasons: Readonly<Record<string, number>>
}

/** Progress is told once in so many messages. */
const STEP = 1000

const TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const

/** Counts what becomes of each message. The SDK tells by one event a message: of the message's type, or `error`. */
export class Tally {
  readonly #onProgress: ((progress: Sent) => void) | undefined
  readonly #reasons = new Map<string, number>()
  #pending = 0
  #sent = 0
  #failed = 0
  #waiting: { readonly few: number; readonly resolve: () => void } | undefined

  constructor(analytics: Analytics, onProgress: ((progress: Sent) => void) | undefined) {
    this.#onProgress = onProgress
    for (const type of TYPES) analytics.on(type, () => this.#delivered())
    analytics.on('error', ({ reason }) => this.#refused(reason))
  }

  /** Messages without an answer. */
  get pending(): number {
    return this.#pending
  }

  get result(): SendResult {
    return { sent: this.#sent, failed: this.#failed, reasons: Object.fromEntries(this.#reasons) }
  }

  /** Counts a message that `dispatch` hands over; what it throws is that message's failure. */
  attempt(dispatch: () => void): void {
    this.#pending++
    try {
      dispatch()
    } catch (error) {
      this.#refused(error)
    }
  }

  /** Resolves once no more than that many messages are without an answer, or after `release`. */
  async fewer(few: number): Promise<void> {
    if (this.#pending <= few) return
    await new Promise<void>((resolve) => {
      this.#waiting = { few, resolve }
    })
  }

  release(): void {
    this.#waiting?.resolve()
    this.#waiting = undefined
  }

  #delivered(): void {
    this.#sent++
    this.#settle()
  }

  #refused(reason: unknown): void {
    const text = reason instanceof Error ? reason.message : String(reason)
    this.#reasons.set(text, (this.#reasons.get(text) ?? 0) + 1)
    this.#failed++
    this.#settle()
  }

  #settle(): void {
    this.#pending--
    if (this.#pending === 0 || (this.#sent + this.#failed) % STEP === 0) {
      this.#onProgress?.({ sent: this.#sent, failed: this.#failed })
    }
    if (this.#waiting !== undefined && this.#pending <= this.#waiting.few) this.release()
  }
}
