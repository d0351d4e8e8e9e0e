/**
 * A destination in use: a connector bound to settings.
 */
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import type { Answer, VendorResponse } from './answer.ts'
import type { Connector } from './connector.ts'
import { type BatchContext, deliverBatch } from './deliver-batch.ts'
import type { DeliverInput, DestinationObject, LiveDestination, Options, Outcome } from './delivery.ts'
import { listOf } from './expressions.ts'
import type { ProgramRequest, ProgramSearch } from './program.ts'
import { completeSettings, fillSettings, publicSettings, withDefaults } from './settings.ts'
import { evaluateQuery, VendorClient } from './vendor-client.ts'

export interface OpenDestinationInput {
  readonly connector: Connector
  readonly settings: Options
  /** Instead of the vendor's: a twin, or a gateway that stands for it. */
  readonly baseUrl?: string
  /** Whether requests may go to private addresses; false but for twins. */
  readonly allowPrivate?: boolean
  readonly effects: Effects
  readonly logger: Logger
}

const MAX_PAGES = 200

/** Binds a connector to settings; no request leaves before the first method is called. Throws `destination_refused`. */
export function openDestination(input: OpenDestinationInput): LiveDestination {
  const { connector, effects, logger, allowPrivate = false } = input
  const { manifest } = connector
  const settings = completeSettings(manifest, input.settings)
  const shown = publicSettings(manifest, settings)
  const baseUrl = input.baseUrl ?? fillSettings(manifest.base_url, settings)
  const client = new VendorClient({ connector, settings, baseUrl, allowPrivate, effects, logger })
  const nextId = () => Number.parseInt(effects.id().replaceAll('-', '').slice(0, 12), 16) + 1
  return new ConnectorDestination(
    { connector, client, settings: shown, nextId },
    baseUrl,
    fillSettings(manifest.account, shown),
  )
}

class ConnectorDestination implements LiveDestination {
  readonly baseUrl: string
  readonly account: string
  readonly limits: LiveDestination['limits']
  readonly #context: BatchContext

  constructor(context: BatchContext, baseUrl: string, account: string) {
    this.#context = context
    this.baseUrl = baseUrl
    this.account = account
    const { rows, concurrency } = context.connector.manifest.limits
    this.limits = { batch: rows, concurrency }
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.#get(this.#context.connector.program.check, {}, signal)
  }

  async findObject(options: Options, signal?: AbortSignal): Promise<DestinationObject | undefined> {
    const { connector, settings } = this.#context
    const given = withDefaults(connector.manifest.options, options)
    const search = connector.program.find.find(({ given: name }) => given[name] !== undefined)
    if (!search)
      throw this.#refused(`${connector.manifest.title} is not told which ${connector.manifest.object.title}.`)
    const input = { settings, options: given }
    const found = await this.#search(search, input, signal)
    const [object] = found
    if (found.length > 1) {
      const ids = found.map(({ id }) => id).join(', ')
      throw this.#refused(`There are ${found.length} of the name "${given[search.given]}" at ${this.account}: ${ids}.`)
    }
    if (!object && search.given !== connector.program.create.given) {
      throw this.#refused(`There is no ${connector.manifest.object.title} "${given[search.given]}" at ${this.account}.`)
    }
    if (!object || !search.size) return object
    const { size } = search
    const response = await this.#get(size, { ...input, object }, signal)
    return withSize(object, await size.size(response))
  }

  async createObject(options: Options, signal?: AbortSignal): Promise<DestinationObject> {
    const { connector, client, settings } = this.#context
    const { create } = connector.program
    const input = { settings, options: withDefaults(connector.manifest.options, options) }
    const answer = await client.send(
      { method: 'POST', once: true, ...(await requestOf(create, input)), body: () => create.envelope(input) },
      signal,
    )
    const [object] = readObjects(await create.created({ ...input, ...this.#accepted(answer) }))
    if (object) return object
    throw this.#refused(`${connector.manifest.title} made a ${connector.manifest.object.title} and did not say its id.`)
  }

  async deliver(input: DeliverInput): Promise<readonly Outcome[]> {
    const options = withDefaults(this.#context.connector.manifest.options, input.options)
    return deliverBatch(this.#context, { ...input, options })
  }

  async #search(
    search: ProgramSearch,
    input: object,
    signal: AbortSignal | undefined,
  ): Promise<readonly DestinationObject[]> {
    const found: DestinationObject[] = []
    let page: object | undefined = {}
    for (let pages = 0; page && pages < MAX_PAGES; pages += 1) {
      const response = await this.#get(search, input, signal, page)
      found.push(...readObjects(await search.found({ ...input, ...response })))
      const next: unknown = await search.next?.({ ...input, ...response })
      page = typeof next === 'object' && next !== null ? next : undefined
    }
    if (page) throw this.#refused(`The account ${this.account} holds too many objects to look through.`)
    return found
  }

  /** Throws `destination_refused` or `destination_unreachable`. */
  async #get(
    request: ProgramRequest,
    input: object,
    signal: AbortSignal | undefined,
    page: object = {},
  ): Promise<VendorResponse> {
    const { client, settings } = this.#context
    const { path, query } = await requestOf(request, { settings, ...input })
    const paged = Object.fromEntries(Object.entries(page).map(([name, value]) => [name, String(value)]))
    return this.#accepted(await client.send({ method: 'GET', path, query: { ...query, ...paged } }, signal))
  }

  #accepted(answer: Answer): VendorResponse {
    if (answer.ok) return answer.response
    const { message, status } = answer.refusal
    if (status !== undefined) throw this.#refused(message)
    throw new MusterError('destination_unreachable', message)
  }

  #refused(message: string): MusterError {
    return new MusterError('destination_refused', message)
  }
}

async function requestOf({ path, query }: ProgramRequest, input: object) {
  return { path: await path(input), query: await evaluateQuery(query, input) }
}

function readObjects(value: unknown): readonly DestinationObject[] {
  return listOf(value).map((entry) => {
    const { id, name, size } = entry as Readonly<Record<string, unknown>> // the manifest says what the expression gives
    return withSize({ id: String(id), name: String(name) }, size)
  })
}

function withSize(object: DestinationObject, size: unknown): DestinationObject {
  return typeof size === 'number' && size >= 0 ? { ...object, size } : object
}
