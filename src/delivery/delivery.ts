/**
 * Delivery: what activation and connectors say to each other.
 *
 * connector     the declaration and code that speaks one vendor's API
 * live          a destination opened with settings: ready to be asked and sent to
 * object        what holds the members at the vendor: an audience, a tag
 * operation     add a member, update its fields, remove it
 * outcome       what became of one row
 */
import type { Dialect } from '../warehouse/dialect.ts'

export type Operation = 'add' | 'update' | 'remove'

/** One member on its way. */
export interface DeliveryRow {
  /** The vendor's key of the member, normalised (a hash, a lower-cased address). Unique in its object. */
  readonly key: string
  /** Normalised values by the connector's field names; null where there is none. Empty for a removal. */
  readonly fields: Readonly<Record<string, string | null>>
}

/**
 * delivered  the vendor acknowledged the row
 * rejected   the vendor refused the row for what it is; sending the same again gives the same answer
 * failed     certainly without effect (never sent, 429 or 503 to the end of the retries); planned again next time
 * in_doubt   sent, and no answer says what became of it
 */
export type Outcome =
  | { readonly status: 'delivered'; readonly remoteId?: string }
  | { readonly status: 'rejected' | 'failed' | 'in_doubt'; readonly code: string; readonly message: string }

export interface DestinationObject {
  readonly id: string
  readonly name: string
  /** Members as the vendor counts them, where it says. */
  readonly size?: number
}

export type Options = Readonly<Record<string, string | number | boolean>>

export interface DeliverInput {
  readonly object: DestinationObject
  readonly options: Options
  readonly operation: Operation
  readonly rows: readonly DeliveryRow[]
  readonly signal?: AbortSignal
}

export interface LiveDestination {
  readonly baseUrl: string
  /** The vendor's name of the account the settings open, such as `act_1001`. */
  readonly account: string
  /** Rows of one call, and calls at once. */
  readonly limits: { readonly batch: number; readonly concurrency: number }
  /** Asks the vendor whether the settings work; changes nothing. Throws `destination_refused`, `destination_unreachable`. */
  check(signal?: AbortSignal): Promise<void>
  /** The object the options name, or nothing when apply would have to create it. Changes nothing. */
  findObject(options: Options, signal?: AbortSignal): Promise<DestinationObject | undefined>
  createObject(options: Options, signal?: AbortSignal): Promise<DestinationObject>
  /** Sends one batch with the connector's retries; one outcome a row, in the order of the rows. Never throws for what a vendor answers. */
  deliver(input: DeliverInput): Promise<readonly Outcome[]>
}

export interface DeliverAllInput {
  readonly object: DestinationObject
  readonly options: Options
  readonly operation: Operation
  readonly rows: AsyncIterable<DeliveryRow>
  /** Awaited before a batch leaves. Gets the very objects `rows` gave. */
  readonly before: (batch: readonly DeliveryRow[]) => Promise<void>
  /** Awaited after a batch was answered. */
  readonly after: (batch: readonly DeliveryRow[], outcomes: readonly Outcome[]) => Promise<void>
  readonly signal?: AbortSignal
}

/** What compiling a sync's rows needs. */
export interface CompileRowInput {
  /** Columns of the audience and traits of its profiles. */
  readonly columns: readonly string[]
  /** Field of the destination → column. */
  readonly mapping: Readonly<Record<string, string>>
  readonly options: Options
  readonly dialect: Dialect
}
