import { type Effects, systemEffects } from '../effects.ts'
import { SimulatedClock } from './simulated-clock.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** The effects of a program on a simulated disk, whose time passes only when told to. */
export function simulatedEffects({ files }: SimulatedProcess, clock = new SimulatedClock()): Effects {
  return { ...systemEffects, now: clock.now, sleep: clock.sleep, files }
}
