import type { Operations } from '../server/index.ts'
import { follow } from './follow.ts'
import { bar, type Report } from './progress.ts'

export interface ReplayRow {
  readonly id: string
  readonly state: string
  readonly error: string | null
  readonly dryRun: boolean
  readonly records: number
  readonly total: number
  readonly pace: { readonly recordsPerSecond: number; readonly secondsLeft: number | null } | null
  readonly events: number
  readonly landed: number
  readonly duplicates: number
  readonly rejected: number
  readonly untested: number
  readonly untestedReason: string | null
  readonly counts: readonly {
    readonly source: string
    readonly event: string
    readonly events: number
    readonly present: number
    readonly partial: number
  }[]
  readonly startedAt: string
}

export interface ReplayWish {
  readonly source?: string
  readonly from?: string
  readonly to?: string
  readonly where?: string
  readonly overwrite?: boolean
  readonly dryRun?: boolean
  readonly rate?: number
  /** Of one to go on with, in place of all else. */
  readonly resume?: string
}

export const REPLAY_FIELDS =
  'id state error dryRun records total pace { recordsPerSecond secondsLeft } events landed duplicates rejected untested untestedReason counts { source event events present partial } startedAt'

const START = `mutation ($source: String, $from: DateTime, $to: DateTime, $where: String, $overwrite: Boolean, $dryRun: Boolean, $rate: Float) {
  startReplay(source: $source, from: $from, to: $to, where: $where, overwrite: $overwrite, dryRun: $dryRun, rate: $rate) { id }
}`
const RESUME = 'mutation ($id: String!) { resumeReplay(id: $id) { id } }'
const REPLAY = `query ($id: String!) { replay(id: $id) { ${REPLAY_FIELDS} } }`

/** Starts a replay, or goes on with one, and waits for its end; a server that is started again meanwhile goes on with it. */
export async function followReplay(operations: Operations, wish: ReplayWish, report: Report): Promise<ReplayRow> {
  const id = await begin(operations, wish)
  return follow(async () => {
    const { replay } = await operations.execute<{ replay: ReplayRow }>(REPLAY, { id })
    report(describe(replay))
    return replay.state === 'running' ? undefined : replay
  })
}

async function begin(operations: Operations, { resume, ...wish }: ReplayWish): Promise<string> {
  if (resume !== undefined) {
    const { resumeReplay } = await operations.execute<{ resumeReplay: { id: string } }>(RESUME, { id: resume })
    return resumeReplay.id
  }
  const { source, from, to, where, overwrite, dryRun, rate } = wish
  const variables = { source, from, to, where, overwrite, dryRun, rate }
  return (await operations.execute<{ startReplay: { id: string } }>(START, variables)).startReplay.id
}

function describe({ id, records, total, pace }: ReplayRow): string {
  const rate = pace === null ? '' : `, ${Math.round(pace.recordsPerSecond).toLocaleString('en')} records/s`
  const left = pace?.secondsLeft == null ? '' : `, ${timeOf(pace.secondsLeft)} left`
  return `${id} ${bar(records, total)}${rate}${left}`
}

function timeOf(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}
