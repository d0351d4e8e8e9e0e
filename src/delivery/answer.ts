/**
 * Answer: what came of one request to a vendor, retries included.
 */

/** What a vendor sent back, its body read as JSON where it is. */
export interface VendorResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** The body's beginning when it is not JSON. */
  readonly text: string
}

export interface Refusal {
  readonly outcome: 'delivered' | 'rejected' | 'failed' | 'in_doubt'
  readonly code: string
  readonly message: string
  /** Whether the same may work later in this very run. */
  readonly retry: boolean
  /** Of the vendor's answer; absent when there was none. */
  readonly status?: number
}

export type Answer =
  | { readonly ok: true; readonly response: VendorResponse }
  | { readonly ok: false; readonly refusal: Refusal }
