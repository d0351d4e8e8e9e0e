/**
 * Lets a simulated loader die at random statements, again and again, and holds the tables it leaves against those of one
 * uninterrupted load.
 */
import { parseArgs } from 'node:util'
import { type History, playHistory } from '../landing/history.ts'

/** Deaths. */
const COUNT = 500
const MAX_SHOWN = 5
const TELL_EVERY = 100

interface Settings {
  readonly count: number
  /** Of the first history; the others follow. */
  readonly seed: number
  /** The position is committed before the rows: then promises must be found broken. */
  readonly offsetFirst: boolean
}

const USAGE = 'Usage: npm run long -- loader-crashes [COUNT] [--seed N] [--break offset]'

/** Undefined when the arguments are not understood. */
function readSettings(): Settings | undefined {
  const options = { seed: { type: 'string' }, break: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  const count = Number(positionals[0] ?? COUNT)
  if (!(count > 0 && seed >= 0)) return undefined
  if (values.break !== undefined && values.break !== 'offset') return undefined
  return { count, seed, offsetFirst: values.break === 'offset' }
}

/** As many histories as it takes for so many deaths. */
async function playAll({ count, seed, offsetFirst }: Settings): Promise<readonly History[]> {
  const histories: History[] = []
  for (let deaths = 0, told = 0; deaths < count; ) {
    const history = await playHistory({ seed: seed + histories.length, offsetFirst })
    histories.push(history)
    deaths += history.deaths
    if (deaths - told < TELL_EVERY) continue
    told = deaths
    console.log(`${deaths} of ${count}`)
  }
  return histories
}

function report(histories: readonly History[], { offsetFirst }: Settings): boolean {
  const broken = histories.filter(({ violation }) => violation !== undefined)
  for (const { seed, violation } of broken.slice(0, MAX_SHOWN)) {
    const replay = `npm run long -- loader-crashes 1 --seed ${seed}${offsetFirst ? ' --break offset' : ''}`
    console.log(`BROKEN ${violation}\n       replay: ${replay}`)
  }
  const sum = (pick: (history: History) => number) => histories.reduce((total, history) => total + pick(history), 0)
  const [deaths, events] = [sum((history) => history.deaths), sum((history) => history.events)]
  console.log(
    `${histories.length} histories, ${deaths} deaths, ${events} events: ${broken.length} with a broken promise`,
  )
  return broken.length === 0
}

async function main(): Promise<number> {
  const settings = readSettings()
  if (settings === undefined) {
    console.error(USAGE)
    return 2
  }
  console.log(`seed ${settings.seed}${settings.offsetFirst ? ', with the position committed before the rows' : ''}`)
  return report(await playAll(settings), settings) ? 0 : 1
}

process.exitCode = await main()
