import jsonata from 'jsonata'
import { registerFunctions } from '../../delivery/expressions.ts'
import { describeJsonataError } from '../../project/jsonata-text.ts'
import type { MapAnswer, MapJob } from './map-job.ts'

/** Deeper recursion is a mistake; JSONata counts several levels a call. */
const MAX_DEPTH = 2000

/** As much JSON as a request may be. */
const MAX_RESULT = 4 * 1024 * 1024

const formatInstant = jsonata('$fromMillis($millis, $picture, $timezone)')

interface Compiled {
  readonly text: string
  readonly expression: jsonata.Expression
}

/** Runs maps; each source's is compiled once. For maps that may run away, only in a process that may be killed. */
export class MapRunner {
  readonly #limitMs: number
  readonly #compiled = new Map<string, Compiled>()

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** The events that the job's map makes of its body, whatever they are; none when it gives nothing. */
  async run(job: MapJob): Promise<MapAnswer> {
    const { file, text } = job.map
    try {
      const result: unknown = await this.#expression(job).evaluate(JSON.parse(job.body), bindingsOf(job))
      const events = jsonOf(listOf(result))
      if (events.length <= MAX_RESULT) return { events }
      return { failure: `${file}: the map makes events of more than ${MAX_RESULT} characters` }
    } catch (error) {
      const { message, place } = describeJsonataError(error, text, file)
      return { failure: `${place ? `${file}:${place.line}:${place.column}` : file}: ${message}` }
    }
  }

  #expression({ source, map }: MapJob): jsonata.Expression {
    const known = this.#compiled.get(source)
    if (known?.text === map.text) return known.expression
    const expression = jsonata(map.text, { timeout: this.#limitMs, stack: MAX_DEPTH })
    registerFunctions(expression)
    this.#compiled.set(source, { text: map.text, expression })
    return expression
  }
}

/** `$now` and `$millis` tell when the request came, so that a map says the same whenever it runs. */
function bindingsOf({ source, receivedAt, headers, query }: MapJob): Record<string, unknown> {
  const millis = Date.parse(receivedAt)
  const now = (picture?: string, timezone?: string) => formatInstant.evaluate({}, { millis, picture, timezone })
  return { source, headers, query, now, millis: () => millis }
}

function listOf(result: unknown): readonly unknown[] {
  if (result === undefined || result === null) return []
  return Array.isArray(result) ? result : [result]
}

/** Functions of JSONata hold themselves. */
function jsonOf(events: readonly unknown[]): string {
  try {
    return JSON.stringify(events)
  } catch (cause) {
    throw new Error('the map gives what is no JSON: a function, or something nested too deeply', { cause })
  }
}
