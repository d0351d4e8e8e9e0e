import { between, chance, oneOf, type Random } from '../../../core/test/seeded-random.ts'
import { CHANGES, type SimulatedDisk } from '../../../core/test/simulated-disk.ts'

export const FAULT_CODES = ['EIO', 'ENOSPC', 'EROFS'] as const

/** A disk's fault that comes now and then and stays for some calls. */
export function passingFault(random: Random, probability: number): SimulatedDisk['fault'] {
  let left = 0
  let code: string = FAULT_CODES[0]
  return ({ name }) => {
    if (!CHANGES.has(name)) return undefined
    if (left === 0 && chance(random, probability)) {
      left = between(random, 1, 12)
      code = oneOf(random, FAULT_CODES)
    }
    if (left === 0) return undefined
    left--
    return code
  }
}
