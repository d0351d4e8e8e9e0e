/**
 * Guards: rules that stop a plan before anything leaves.
 */
import type { Send } from '../project/index.ts'

export interface Verdict {
  readonly guard: 'empty_source' | 'max_removed_percent' | 'max_removed'
  readonly stopped: boolean
  readonly message: string
}

export interface GuardInput {
  readonly queried: number
  readonly removals: number
  /** Members the destination has acknowledged. */
  readonly members: number
}

/** Below this many removals a percentage says nothing: three of ten people may well leave. */
const SMALL = 10

export function guardVerdicts(
  { queried, removals, members }: GuardInput,
  { maxRemovedPercent, maxRemoved, allowEmpty }: Send['guards'],
): readonly Verdict[] {
  const percent = members === 0 ? 0 : (100 * removals) / members
  const verdicts: Verdict[] = [
    {
      guard: 'empty_source',
      stopped: queried === 0 && members > 0 && !allowEmpty,
      message: `${queried} rows queried, ${members} members at the destination`,
    },
    {
      guard: 'max_removed_percent',
      stopped: removals > SMALL && percent > maxRemovedPercent,
      message: `${removals} of ${members} members would be removed (${percent.toFixed(1)} %; the limit is ${maxRemovedPercent} %)`,
    },
  ]
  if (maxRemoved !== undefined) {
    verdicts.push({
      guard: 'max_removed',
      stopped: removals > maxRemoved,
      message: `${removals} members would be removed; the limit is ${maxRemoved}`,
    })
  }
  return verdicts
}
