import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemEffects } from '../../src/core/effects.ts'
import { eventRows } from '../../src/event/index.ts'
import { Identity } from '../../src/identity/index.ts'
import { Landing } from '../../src/pipeline/index.ts'
import { type Project, requireProject } from '../../src/project/index.ts'
import { openState, type State } from '../../src/state/state.ts'
import { EventLoader, type Loadable } from '../../src/warehouse/load-events.ts'
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { shopEvent } from './shop-events.ts'

/** What loads events in a benchmark, over a warehouse of its own. */
export interface LoaderSite extends AsyncDisposable {
  readonly project: Project
  readonly warehouse: Warehouse
  readonly state: State
  readonly identity: Identity
  readonly loader: EventLoader
  readonly landing: Landing
}

/** Makes a project with the source `shop` in `dir`; `warehouse` as in muster.yaml. */
export async function openLoaderSite(dir: string, warehouseSettings: object = {}): Promise<LoaderSite> {
  const settings = { version: 1, warehouse: warehouseSettings, sources: { shop: { write_key: 'shop' } } }
  await writeFile(join(dir, 'muster.yaml'), JSON.stringify(settings))
  const project = await requireProject(dir, { variables: {} })
  const warehouse = await openWarehouse(project)
  const state = await openState(warehouse, 'muster')
  const identity = new Identity(project, warehouse)
  await identity.open()
  const { numberOwners } = identity
  const heldRows = state.name('held_rows')
  const loader = new EventLoader({ warehouse, numberOwners, heldRows, now: systemEffects.now })
  const landing = new Landing(state, loader, systemEffects)
  const close = () => warehouse[Symbol.asyncDispose]()
  return { project, warehouse, state, identity, loader, landing, [Symbol.asyncDispose]: async () => close() }
}

/** Shop events from the nth on, flattened. */
export function shopLoadables(first: number, count: number): readonly Loadable[] {
  return Array.from({ length: count }, (_, index) => loadableOf(shopEvent(first + index), first + index + 1))
}

export function loadableOf(event: ReturnType<typeof shopEvent>, position: number): Loadable {
  const record = { source: 'shop', receivedAt: event.receivedAt, requestIp: '203.0.113.1', event }
  return { ...eventRows(record), source: 'shop', position }
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
