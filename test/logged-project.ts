/**
 * Projects whose log is written as the collector does, for what reads log and archive again.
 */
import { expect, onTestFinished } from 'vitest'
import { encodeRecord, openLogWriter } from '../src/log/index.ts'
import type { ReplayRecord, ReplayRequest } from '../src/pipeline/replay/replay-record.ts'
import { TempProject } from './temp-project.ts'

const YAML = 'version: 1\nsources: { web: { write_key: k }, app: { write_key: l } }\n'

export const ALL: ReplayRequest = {
  source: null,
  from_time: null,
  to_time: null,
  predicate: '',
  overwrite: false,
  dry_run: false,
  rate: null,
}

export interface Sent {
  readonly source?: string
  readonly id: string
  /** Of January 2026. */
  readonly day?: number
  readonly event?: string | undefined
  readonly properties?: object
}

/** A track event as the collector writes it, and an identify where it has no name. */
export function payloadOf({ source = 'web', id, day = 1, event, properties = {} }: Sent): Buffer {
  const receivedAt = `2026-01-${String(day).padStart(2, '0')}T12:00:00.000Z`
  const common = { messageId: id, receivedAt, request_ip: '203.0.113.7', userId: `user of ${id}` }
  const body =
    event === undefined
      ? { ...common, type: 'identify' as const, traits: properties }
      : { ...common, type: 'track' as const, event, properties }
  return encodeRecord({ kind: 'event', source, receivedAt, requestIp: '203.0.113.7', event: body })
}

export function refusal(day: number): Buffer {
  const receivedAt = `2026-01-0${day}T12:00:00.000Z`
  return encodeRecord({ kind: 'rejected', source: 'web', receivedAt, requestIp: '', reason: 'not JSON', body: '{' })
}

/** A project that is removed with the test; records come into its log as the collector writes them. */
export async function newProject(files: Readonly<Record<string, string>> = {}) {
  const project = await TempProject.make({ 'muster.yaml': YAML, ...files })
  onTestFinished(() => project[Symbol.asyncDispose]())
  return {
    project,
    async collect(payloads: readonly Buffer[], segmentBytes = 400) {
      const { definitions } = await project.workspace()
      const { dir, maxDiskBytes } = definitions.project.log
      await using log = await openLogWriter({ dir, maxDiskBytes, segmentBytes })
      for (const payload of payloads) await log.append([{ key: '', payload }])
    },
    async catchUp() {
      const { consumer } = await project.workspace()
      await consumer.catchUp(undefined, { alone: true })
    },
    async archive() {
      const { archiver } = await project.workspace()
      await archiver.run(new AbortController().signal)
    },
    async replay(request: Partial<ReplayRequest> = {}): Promise<ReplayRecord> {
      const { replays } = await project.workspace()
      return ended(project, (await replays.start({ ...ALL, ...request })).id)
    },
    tables: () => tablesOf(project),
    run: (sql: string) => project.rows(sql),
  }
}

export async function ended(project: TempProject, id: string): Promise<ReplayRecord> {
  const { replays } = await project.workspace()
  const read = () => replays.read(id)
  await expect.poll(async () => (await read())?.state, { timeout: 15_000 }).not.toBe('running')
  const record = await read()
  if (record === undefined) throw new Error('the replay is gone')
  return record
}

/** All rows of all event tables, without what belongs to the load. */
async function tablesOf(project: TempProject): Promise<Record<string, readonly string[]>> {
  const names = await project.rows<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables where table_schema in ('web', 'app') order by 1`,
  )
  const tables: Record<string, readonly string[]> = {}
  for (const { name } of names) {
    const rows = await project.rows<Record<string, unknown>>(`select * from ${name}`)
    const kept = rows.map(({ _load, _identifier, uuid_ts, ...row }) => JSON.stringify(row))
    if (kept.length > 0) tables[name] = kept.sort()
  }
  return tables
}
