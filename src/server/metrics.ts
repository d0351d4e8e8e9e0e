import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { readStatus, type Status } from '../api/index.ts'
import type { Workspace } from '../run/index.ts'

const GAUGES: Readonly<Record<string, { readonly help: string; readonly value: (status: Status) => number }>> = {
  muster_log_head: { help: 'Records acknowledged by the collector.', value: ({ logHead }) => logHead },
  muster_log_lag: {
    help: 'Records acknowledged and not landed yet.',
    value: ({ logHead, logPosition }) => logHead - logPosition,
  },
  muster_events: { help: 'Events landed in the warehouse.', value: ({ events }) => events },
  muster_duplicate_events: { help: 'Copies of events not landed twice.', value: ({ duplicates }) => duplicates },
  muster_rejected_events: { help: 'Events refused, kept with their reason.', value: ({ rejected }) => rejected },
  muster_discarded_values: {
    help: 'Values that did not fit their column, kept with their reason.',
    value: ({ discards }) => discards,
  },
  muster_profiles: { help: 'Profiles by the latest run.', value: ({ profiles }) => profiles },
  muster_ledger_members: {
    help: 'Members that destinations have acknowledged.',
    value: ({ ledgerMembers }) => ledgerMembers,
  },
  muster_rows_in_doubt: { help: 'Rows sent of which the outcome is unknown.', value: ({ inDoubt }) => inDoubt },
}

/** Prometheus text of this process and of what it works on. */
export function createMetrics(workspace: Workspace): { readonly contentType: string; text(): Promise<string> } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauges = Object.entries(GAUGES).map(([name, { help, value }]) => {
    return { gauge: new Gauge({ name, help, registers: [registry] }), value }
  })
  return {
    contentType: registry.contentType,
    text: async () => {
      const status = await readStatus(workspace)
      for (const { gauge, value } of gauges) gauge.set(value(status))
      return registry.metrics()
    },
  }
}
