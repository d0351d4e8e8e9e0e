import { type Command, InvalidArgumentError } from 'commander'
import { MusterError } from '../../core/errors.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { followReplay, REPLAY_FIELDS, type ReplayRow, type ReplayWish } from '../follow-replay.ts'
import { formatNumber, formatState, printJson, printLine, printTable } from '../print.ts'
import { withProgress } from '../progress.ts'
import type { Verb } from '../verb.ts'

interface Options extends CommonOptions, ReplayWish {}

export const verb: Verb = {
  register: (program) => {
    const group = withCommonOptions(program.command('replay'))
      .description('land what archive and log hold again; events that are there stay as they are')
      .option('--source <name>', 'only events of this source')
      .option('--from <instant>', 'received at or after, such as 2026-01-31')
      .option('--to <instant>', 'received before')
      .option('--where <jsonata>', 'only events for which this gives true; it also sees $source')
      .option('--overwrite', 'delete the rows of events that are there, and make them anew')
      .option('--dry-run', 'only count, by source and event')
      .option('--rate <records>', 'records a second at most, such as 500/s', parseRate)
      .option('--resume <id>', 'go on with a replay that was stopped or failed')
      .action(replay)
    onReplays(group, 'list', [], list).description('replays, the newest first')
    onReplays(group, 'stop', ['<id>'], stop).description('end one after the batch under way')
  },
}

/** Common options stand after the subcommand too. */
function onReplays<A extends unknown[]>(
  group: Command,
  name: string,
  args: string[],
  act: (...args: A) => Promise<void>,
) {
  const command = group.command([name, ...args].join(' '))
  return command
    .option('--project <dir>', 'folder of the project')
    .option('--env <name>', 'environment of the project')
    .option('--json', 'print JSON, for programs')
    .action((...given: unknown[]) => act(...([...given.slice(0, args.length), command.optsWithGlobals()] as A)))
}

async function replay(options: Options): Promise<void> {
  const { json = false } = options
  const done = await withOperations(options, (operations) =>
    withProgress(options.dryRun ? 'Counting' : 'Replaying', { silent: json }, (report) =>
      followReplay(operations, options, report),
    ),
  )
  if (json) printJson(done)
  else print(done)
  if (done.state === 'failed') throw incomplete(done, `failed: ${done.error}`)
  if (done.untested > 0)
    throw incomplete(done, `left out ${done.untested} events: --where failed on ${done.untestedReason}`)
}

function incomplete({ id }: ReplayRow, what: string): MusterError {
  return new MusterError('replay_incomplete', `Replay ${id} ${what}.`)
}

function print({ dryRun, counts, events, landed, duplicates, rejected, state, id }: ReplayRow): void {
  if (state === 'stopped') printLine(`Stopped; go on with: muster replay --resume ${id}`)
  if (!dryRun) {
    printLine(
      `${formatNumber(events)} events read, ${formatNumber(landed)} landed, ${formatNumber(duplicates)} left as they were, ${formatNumber(rejected)} rejected ones restored.`,
    )
    return
  }
  printTable(
    ['source', 'event', 'events', 'in the warehouse', 'of them in part'],
    counts.map(({ source, event, events: all, present, partial }) => [source, event, all, present, partial]),
  )
  printLine(`${formatNumber(events)} events; nothing was landed.`)
}

async function list(options: CommonOptions): Promise<void> {
  const { replays } = await withOperations(options, (operations) =>
    operations.execute<{ replays: readonly ReplayRow[] }>(`{ replays { ${REPLAY_FIELDS} } }`),
  )
  if (options.json) return printJson(replays)
  printTable(
    ['id', 'state', 'started', 'records', 'of', 'events', 'landed', ''],
    replays.map((row) => [
      row.id,
      formatState(row.state),
      row.startedAt,
      row.records,
      row.total,
      row.events,
      row.landed,
      row.error ?? (row.dryRun ? 'dry run' : ''),
    ]),
  )
}

async function stop(id: string, options: CommonOptions): Promise<void> {
  await withOperations(options, (operations) =>
    operations.execute('mutation ($id: String!) { stopReplay(id: $id) { id } }', { id }),
  )
  if (options.json) return printJson({ id })
  printLine(`Replay ${id} ends after the batch under way. Go on with: muster replay --resume ${id}`)
}

function parseRate(text: string): number {
  const rate = Number(/^(\d+)(?:\/s)?$/.exec(text)?.[1])
  if (rate > 0) return rate
  throw new InvalidArgumentError(`"${text}" is no rate such as 500/s.`)
}
