import { once } from 'node:events'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { MusterError } from '../../core/errors.ts'
import { type Operations, readServerFile } from '../../server/index.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { formatLiveEvent, type LiveRow } from '../live-line.ts'
import { printLine } from '../print.ts'
import { untilStopped } from '../stop.ts'
import type { Verb } from '../verb.ts'

interface Options extends CommonOptions {
  readonly source?: string
  readonly type?: string
  readonly event?: string
  readonly rejected?: boolean
  readonly last: number
  readonly perSecond: number
}

const FIELDS = 'position receivedAt source fate reason type event userId anonymousId skipped'
const MORE_FIELDS = 'messageId requestIp payload body'

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('tail'))
      .description('watch events come in, accepted or rejected, until Ctrl-C')
      .option('--source <source>', 'only events of this source')
      .option('--type <type>', 'only events of this type, such as track')
      .option('--event <name>', 'only events of this name')
      .option('--rejected', 'only rejected events')
      .option('--last <events>', 'begin with the latest so many, at most 1,000', parseCount, 0)
      .option('--per-second <events>', 'show at most so many a second, a sample; up to 1,000', parseCount, 50)
      .action(tail)
  },
}

async function tail(options: Options): Promise<void> {
  const dir = resolve(options.project)
  if (options.last === 0 && !(await readServerFile(dir))) {
    throw new MusterError('server_absent', `No server runs for the project in ${dir}, so no events come in.`, {
      hint: 'Start it with `muster serve`; `muster tail --last 20` shows the latest events without it.',
    })
  }
  const stopped = new AbortController()
  void untilStopped().then(() => stopped.abort())
  await withOperations(options, async (operations) => {
    for await (const event of liveEvents(operations, options, stopped.signal)) {
      await print(options.json ? JSON.stringify(event) : formatLiveEvent(event), stopped.signal)
    }
    if (!operations.remote && !options.json) printLine('No server runs for this project, so nothing new comes in.')
  })
}

/** Events as they come, also when the server's worker is started again; without a server only those of the past. */
async function* liveEvents(operations: Operations, options: Options, signal: AbortSignal): AsyncGenerator<LiveRow> {
  const { source, type, event, rejected, last, perSecond, json } = options
  const filter = { source, type, event, ...(rejected && { fate: 'REJECTED' }) }
  const { status } = await operations.execute<{ status: { logHead: number } }>('{ status { logHead } }')
  let after = last > 0 ? undefined : status.logHead
  const query = `subscription ($source: String, $type: String, $event: String, $fate: Fate, $perSecond: Int, $last: Int, $after: Float, $follow: Boolean) {
    liveEvents(source: $source, type: $type, event: $event, fate: $fate, perSecond: $perSecond, last: $last, after: $after, follow: $follow) { ${FIELDS} ${json ? MORE_FIELDS : ''} }
  }`
  const variables = () => {
    const now = { ...filter, perSecond, last, after, follow: operations.remote }
    after ??= status.logHead
    return now
  }
  for await (const { liveEvents: row } of operations.subscribe<{ liveEvents: LiveRow }>(query, variables, signal)) {
    after = row.position
    yield row
  }
}

/** Prints a line, no faster than the reader of the output takes them. */
async function print(line: string, signal: AbortSignal): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return
  await once(process.stdout, 'drain', { signal }).catch(() => {}) // the signal: there is no more to say
}

function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 0) return count
  throw new InvalidArgumentError(`"${text}" is no number of events.`)
}
