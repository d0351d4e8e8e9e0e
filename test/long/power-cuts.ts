/**
 * Cuts the power of a simulated machine at random, again and again, and holds what is left of the event log against what
 * it had promised.
 */
import { parseArgs } from 'node:util'
import type { Lie } from '../../src/core/test/simulated-disk.ts'
import { type History, playHistory } from '../../src/log/test/power-cuts/history.ts'

const COUNT = 1000
const MAX_SHOWN = 5

interface Settings {
  readonly count: number
  /** Of the first history; the others follow. */
  readonly seed: number
  /** What the disk only says it does: then promises must be found broken. */
  readonly lie: Lie | undefined
}

const USAGE = 'Usage: npm run long -- power-cuts [COUNT] [--seed N] [--break fsync|folder-sync]'

/** Undefined when the arguments are not understood. */
function readSettings(): Settings | undefined {
  const options = { seed: { type: 'string' }, break: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  const count = Number(positionals[0] ?? COUNT)
  const lie = values.break
  if (!(count > 0 && seed >= 0)) return undefined
  return lie === undefined || lie === 'fsync' || lie === 'folder-sync' ? { count, seed, lie } : undefined
}

async function playAll({ count, seed, lie }: Settings): Promise<readonly History[]> {
  const histories: History[] = []
  for (let n = 0; n < count; n++) {
    histories.push(await playHistory(seed + n, lie))
    if ((n + 1) % 100 === 0) console.log(`${n + 1} of ${count}`)
  }
  return histories
}

function report(histories: readonly History[], { lie }: Settings): boolean {
  const broken = histories.filter(({ violation }) => violation !== undefined)
  for (const { seed, violation } of broken.slice(0, MAX_SHOWN)) {
    const replay = `npm run long -- power-cuts 1 --seed ${seed}${lie === undefined ? '' : ` --break ${lie}`}`
    console.log(`BROKEN ${violation}\n       replay: ${replay}`)
  }
  const sum = (pick: (history: History) => number) => histories.reduce((total, history) => total + pick(history), 0)
  const cuts = `${sum(({ powerCuts }) => powerCuts)} power cuts, ${sum(({ kills }) => kills)} kills`
  const records = `${sum((history) => history.records)} records acknowledged or shown`
  console.log(`${histories.length} histories, ${cuts}, ${records}: ${broken.length} with a broken promise`)
  return broken.length === 0
}

async function main(): Promise<number> {
  const settings = readSettings()
  if (settings === undefined) {
    console.error(USAGE)
    return 2
  }
  console.log(`seed ${settings.seed}${settings.lie === undefined ? '' : `, on a disk without ${settings.lie}`}`)
  return report(await playAll(settings), settings) ? 0 : 1
}

process.exitCode = await main()
