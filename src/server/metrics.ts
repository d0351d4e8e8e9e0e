import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { readStatus, type Status } from '../api/index.ts'
import type { CollectorReport } from '../gateway/index.ts'
import type { Workspace } from '../run/index.ts'

const GAUGES: Readonly<Record<string, { readonly help: string; readonly value: (status: Status) => number }>> = {
  muster_log_head: { help: 'Records acknowledged by the collector.', value: ({ logHead }) => logHead },
  muster_log_lag: {
    help: 'Records acknowledged and not landed yet.',
    value: ({ logHead, logPosition }) => logHead - logPosition,
  },
  muster_landing_lag_seconds: {
    help: 'Age of the oldest event that has not landed, held rows included.',
    value: ({ secondsBehind }) => secondsBehind,
  },
  muster_last_load_timestamp_seconds: {
    help: 'When events last landed, as seconds since 1970; 0 before the first.',
    value: ({ lastLoadAt }) => (lastLoadAt?.getTime() ?? 0) / 1000,
  },
  muster_project_edit_refused: {
    help: '1 while the files of the project are invalid and the last good ones are in force.',
    value: ({ editRefused }) => (editRefused === null ? 0 : 1),
  },
  muster_events: { help: 'Events landed in the warehouse.', value: ({ events }) => events },
  muster_duplicate_events: { help: 'Copies of events not landed twice.', value: ({ duplicates }) => duplicates },
  muster_rejected_events: { help: 'Events refused, kept with their reason.', value: ({ rejected }) => rejected },
  muster_discarded_values: {
    help: 'Values that did not fit their column, kept with their reason.',
    value: ({ discards }) => discards,
  },
  muster_erased_events: { help: 'Earlier events of deleted people, kept nowhere.', value: ({ erased }) => erased },
  muster_profiles: { help: 'Profiles by the latest run.', value: ({ profiles }) => profiles },
  muster_ledger_members: {
    help: 'Members that destinations have acknowledged.',
    value: ({ ledgerMembers }) => ledgerMembers,
  },
  muster_rows_in_doubt: { help: 'Rows sent of which the outcome is unknown.', value: ({ inDoubt }) => inDoubt },
}

/** What the collector counts since it started. */
const COLLECTOR: Readonly<
  Record<string, { readonly help: string; readonly value: (report: CollectorReport) => number }>
> = {
  muster_collector_requests: { help: 'Collection requests.', value: ({ requests }) => requests },
  muster_collector_events: { help: 'Events acknowledged.', value: ({ events }) => events },
  muster_collector_rejected: { help: 'Events and requests refused and kept.', value: ({ rejected }) => rejected },
  muster_collector_suppressed: { help: 'Events acknowledged and not stored.', value: ({ suppressed }) => suppressed },
  muster_collector_bytes: { help: 'Bytes of records written.', value: ({ bytes }) => bytes },
  muster_collector_fsyncs: { help: 'Syncs of the disk.', value: ({ fsyncs }) => fsyncs },
  muster_log_segments: { help: 'Segments of the log.', value: ({ segments }) => segments },
  muster_log_disk_bytes: { help: 'Bytes of the log on disk.', value: ({ diskBytes }) => diskBytes },
}

export interface Metrics {
  readonly contentType: string
  /** Prometheus text; `report` is the collector's, as JSON. */
  text(report: string | undefined): Promise<string>
}

/** Metrics of this process, of what it works on, and of the collector. */
export function createMetrics(workspace: Workspace): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauges = Object.entries(GAUGES).map(([name, { help, value }]) => {
    return { gauge: new Gauge({ name, help, registers: [registry] }), value }
  })
  const collectorGauges = Object.entries(COLLECTOR).map(([name, { help, value }]) => {
    return { gauge: new Gauge({ name, help, registers: [registry] }), value }
  })
  const turnedAway = new Gauge({
    name: 'muster_collector_turned_away',
    help: 'Requests answered with a failure and not kept, by its code.',
    labelNames: ['code'],
    registers: [registry],
  })
  const held = new Gauge({
    name: 'muster_held_rows',
    help: 'Rows that wait for a table which does not take them.',
    labelNames: ['table'],
    registers: [registry],
  })
  const archiveFailing = new Gauge({
    name: 'muster_archive_failing',
    help: '1 while segments of the log cannot be archived; they stay in the log meanwhile.',
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    text: async (report) => {
      const status = await readStatus(workspace)
      for (const { gauge, value } of gauges) gauge.set(value(status))
      archiveFailing.set(workspace.archiver.state.error === null ? 0 : 1)
      held.reset()
      for (const { table, rows } of status.held) held.set({ table }, rows)
      if (report !== undefined) setCollector(JSON.parse(report)) // from our own collector
      return registry.metrics()
    },
  }

  function setCollector(report: CollectorReport): void {
    for (const { gauge, value } of collectorGauges) gauge.set(value(report))
    for (const [code, requests] of Object.entries(report.turnedAway)) turnedAway.set({ code }, requests)
  }
}
