import type { Context, MiddlewareHandler } from 'hono'
import { z } from 'zod'
import type { TwinDefinition, TwinFaults } from './twin.ts'
import { breakConnection, neverAnswer } from './twin-connection.ts'

/** `POST /__twin/faults` */
const faultSchema = z.strictObject({
  /** `timeout`, `reset`, `reject_rows`, or a failure of the twin, such as `rate_limit`. */
  kind: z.string(),
  /** How many requests it strikes. */
  times: z.int().positive().default(1),
  /** How many it lets pass first. */
  after: z.int().nonnegative().default(0),
  /** For `timeout` and `reset`: whether the request has its effect before its answer is lost. */
  applied: z.boolean().default(false),
  /** For `reject_rows`: the keys of the refused rows. */
  keys: z.array(z.string()).default([]),
})

type Fault = z.infer<typeof faultSchema>

const LOST = { timeout: neverAnswer, reset: breakConnection } as const

/** The faults a twin has been given, and the middleware that lets them strike. */
export class Faults implements TwinFaults {
  readonly #failures: TwinDefinition['failures']
  #pending: Fault[] = []
  #rejected = new Set<string>()

  constructor(failures: TwinDefinition['failures']) {
    this.#failures = failures
  }

  /** Throws with what is wrong about the fault. */
  add(body: unknown): void {
    const { success, data: fault, error } = faultSchema.safeParse(body)
    if (!success) throw new Error(z.prettifyError(error))
    const kinds = [...Object.keys(LOST), 'reject_rows', ...Object.keys(this.#failures)]
    if (!kinds.includes(fault.kind)) throw new Error(`kind "${fault.kind}" is none of ${kinds.join(', ')}`)
    this.#pending.push({ ...fault })
  }

  clear(): void {
    this.#pending = []
    this.#rejected.clear()
  }

  rejects(key: string): boolean {
    return this.#rejected.has(key)
  }

  readonly middleware: MiddlewareHandler = async (c, next) => {
    this.#rejected.clear()
    const fault = changes(c) ? this.#strike() : undefined
    if (!fault) return next()
    const { kind, applied, keys } = fault
    if (kind === 'reject_rows') {
      this.#rejected = new Set(keys)
      return next()
    }
    if (kind === 'timeout' || kind === 'reset') {
      if (applied) await next()
      c.res = await LOST[kind](c)
      return undefined
    }
    return this.#failures[kind]?.(c)
  }

  #strike(): Fault | undefined {
    const fault = this.#pending[0]
    if (!fault) return undefined
    if (fault.after > 0) {
      fault.after -= 1
      return undefined
    }
    fault.times -= 1
    if (fault.times === 0) this.#pending.shift()
    return fault
  }
}

function changes(c: Context): boolean {
  return c.req.method !== 'GET' && !c.req.path.startsWith('/__twin/')
}
