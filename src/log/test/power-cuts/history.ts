import { between, chance, oneOf, seededRandom } from '../../../core/test/seeded-random.ts'
import { type Lie, SimulatedDisk } from '../../../core/test/simulated-disk.ts'
import { checkLog } from './check-log.ts'
import { passingFault } from './faults.ts'
import { runMachine } from './machine.ts'
import { Violation } from './promises.ts'
import { newWorld, type World } from './world.ts'

export interface History {
  readonly seed: number
  readonly powerCuts: number
  /** Programs that ended without the power. */
  readonly kills: number
  /** Records that were acknowledged, or shown to a reader. */
  readonly records: number
  /** The promise that was broken; undefined when all were kept. */
  readonly violation: string | undefined
}

/** Each power cut is looked at as if it had left this many different things. */
const OUTCOMES = 3

/** Plays one history that the seed decides: a machine at work, its power cut, what is left looked at and worked on. */
export async function playHistory(seed: number, lie?: Lie): Promise<History> {
  const random = seededRandom(seed)
  const world = newWorld(random)
  let disk = new SimulatedDisk(seed)
  disk.lie = lie
  let powerCuts = 0
  const history = (violation?: string): History => {
    return { seed, powerCuts, kills: world.kills, records: world.promises.kept, violation }
  }
  try {
    for (const cuts = between(random, 1, 4); powerCuts < cuts; powerCuts++) {
      disk.cutPowerAfter(between(random, 1, oneOf(random, [15, 100, 400])))
      if (chance(random, 0.4)) disk.fault = passingFault(random, oneOf(random, [0.01, 0.04]))
      await runMachine(disk, world)
      disk = await lookAfterPowerCut(disk, world)
    }
    return history()
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    return history(error.message)
  }
}

async function lookAfterPowerCut(disk: SimulatedDisk, world: World): Promise<SimulatedDisk> {
  const seeds = Array.from({ length: OUTCOMES }, () => Math.floor(world.random() * 2 ** 32))
  for (const seed of seeds) await checkLog(disk.afterPowerCut(seed), world, { archiving: seed === seeds[0] })
  return disk.afterPowerCut(seeds[0] ?? 0)
}
