import { setImmediate } from 'node:timers/promises'
import jsonata from 'jsonata'
import { MusterError, messageOf } from '../../core/errors.ts'
import { parseInstant } from '../../event/index.ts'
import { decodeRecord, describeRecord, type StoredRecord } from '../../log/index.ts'
import { describeJsonataError } from '../../project/jsonata-text.ts'
import type { ReplayRequest } from './replay-record.ts'

/** Source and instants of many records at once; null where unknown. */
export interface Extent {
  readonly sources: readonly string[]
  readonly minReceivedAt: string | null
  readonly maxReceivedAt: string | null
}

export interface Selected {
  readonly records: readonly StoredRecord[]
  /** Records on which the predicate failed: they are left out. */
  readonly untested: readonly string[]
}

/** After so many records others get a turn. */
const RECORDS_A_TURN = 500

/** What a replay was asked for: by source, by instant of receipt (`from` included, `to` not), by predicate. */
export class ReplayFilter {
  readonly #request: ReplayRequest
  readonly #predicate: Predicate | undefined
  readonly #from: number
  readonly #to: number

  /** Throws `predicate_invalid`. */
  constructor(request: ReplayRequest) {
    this.#request = request
    this.#predicate = request.predicate.trim() === '' ? undefined : compile(request.predicate)
    this.#from = request.from_time?.getTime() ?? -Infinity
    this.#to = request.to_time?.getTime() ?? Infinity
  }

  get source(): string | null {
    return this.#request.source
  }

  /** Whether records of this extent may be among those asked for. */
  mayHold({ sources, minReceivedAt, maxReceivedAt }: Extent): boolean {
    const { source } = this.#request
    if (source !== null && !sources.includes(source)) return false
    const min = parseInstant(minReceivedAt ?? '') ?? -Infinity
    const max = parseInstant(maxReceivedAt ?? '') ?? Infinity
    return min < this.#to && max >= this.#from
  }

  async select(records: readonly StoredRecord[]): Promise<Selected> {
    const chosen: StoredRecord[] = []
    const untested: string[] = []
    for (const [index, record] of records.entries()) {
      if (index % RECORDS_A_TURN === 0) await setImmediate()
      if (!this.#describes(record)) continue
      const verdict = this.#predicate === undefined || (await this.#predicate(record))
      if (typeof verdict === 'string') untested.push(verdict)
      else if (verdict) chosen.push(record)
    }
    return { records: chosen, untested }
  }

  #describes({ payload }: StoredRecord): boolean {
    const { source } = this.#request
    if (source === null && this.#from === -Infinity && this.#to === Infinity) return true
    const described = describeRecord(payload)
    if (described === undefined) return false
    if (source !== null && described.source !== source) return false
    const receivedAt = parseInstant(described.receivedAt)
    return receivedAt !== undefined && receivedAt >= this.#from && receivedAt < this.#to
  }
}

/** Whether a record is wanted, or why that cannot be told. */
type Predicate = (record: StoredRecord) => Promise<boolean | string>

function compile(text: string): Predicate {
  const expression = parse(text)
  return async ({ sequence, payload }) => {
    try {
      const record = decodeRecord(payload)
      if (record.kind !== 'event') return false
      const { source, receivedAt, event } = record
      const result: unknown = await expression.evaluate({ ...event, receivedAt }, { source })
      if (result === undefined) return false
      if (typeof result === 'boolean') return result
      return `record ${sequence}: it gives ${JSON.stringify(result)}, not true or false`
    } catch (error) {
      return `record ${sequence}: ${describeJsonataError(error, text, '--where').message}`
    }
  }
}

function parse(text: string) {
  try {
    return jsonata(text)
  } catch (error) {
    const { message, place } = describeJsonataError(error, text, '--where')
    const where = place === undefined ? '' : ` at ${place.line}:${place.column}`
    throw new MusterError(
      'predicate_invalid',
      `The predicate does not compile${where}: ${message || messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
}
