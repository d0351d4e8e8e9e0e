import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import type { Project } from '../project/index.ts'
import type { State } from '../state/state.ts'
import type { Names } from '../warehouse/names.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Destinations } from './destinations.ts'

/** What planning and applying work with. */
export interface Activation {
  readonly project: Project
  readonly warehouse: Warehouse
  readonly state: State
  readonly names: Names
  readonly destinations: Destinations
  readonly effects: Effects
  readonly logger: Logger
}
