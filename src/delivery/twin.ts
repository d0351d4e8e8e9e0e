/**
 * Twins: strict emulators of vendors' APIs, over real HTTP, with their limits and faults.
 *
 * store   the twin's SQLite file: what the vendor would hold
 * fault   something that goes wrong on purpose, asked for at `POST /__twin/faults`
 * strike  a request that a fault hits; only requests that change something are hit
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Context, Hono } from 'hono'

export interface TwinObject {
  readonly id: string
  readonly name: string
  readonly members: number
}

/** A member as the vendor holds it. */
export type TwinMember = Readonly<Record<string, unknown>>

export interface TwinFaults {
  /** Whether a row of this key is to be refused. */
  rejects(key: string): boolean
}

export interface TwinContext {
  readonly store: DatabaseSync
  readonly faults: TwinFaults
}

/** What a vendor's folder exports as `twin`. */
export interface TwinDefinition {
  /** Shown on the twin's page. */
  readonly title: string
  /** The settings it accepts, secrets included. */
  readonly credentials: Readonly<Record<string, string>>
  /** `create table if not exists …` */
  readonly schema: string
  /** What the vendor answers when it fails in one of its ways: `rate_limit`, `server_error` and others. */
  readonly failures: Readonly<Record<string, (c: Context) => Response>>
  /** The vendor's API, and what people or the vendor do there by themselves under `/__twin/`. */
  routes(app: Hono, context: TwinContext): void
  objects(store: DatabaseSync): readonly TwinObject[]
  /** Members of an object, or all there are. */
  members(store: DatabaseSync, object: string | undefined): readonly TwinMember[]
}
