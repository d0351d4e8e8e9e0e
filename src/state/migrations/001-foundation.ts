import type { Knex } from 'knex'
import type { Migration } from '../state.ts'

type Table = Knex.CreateTableBuilder

const instant = (table: Table, name: string) => table.timestamp(name, { useTz: true })
const number = (table: Table, ...names: string[]) => {
  for (const name of names) table.bigInteger(name)
}
const text = (table: Table, ...names: string[]) => {
  for (const name of names) table.text(name)
}

export const migration: Migration = {
  up: (schema) =>
    schema
      .createTable('offsets', (table) => {
        text(table, 'consumer')
        number(table, 'position')
        instant(table, 'updated_at')
      })
      .createTable('loads', (table) => {
        number(table, 'id')
        text(table, 'consumer')
        number(table, 'events', 'duplicates', 'discards', 'rejected', 'first_position', 'last_position')
        instant(table, 'loaded_at')
      })
      .createTable('rejected_events', (table) => {
        text(table, 'source')
        number(table, 'position')
        instant(table, 'received_at')
        text(table, 'reason', 'body')
      })
      .createTable('source_files', (table) => {
        text(table, 'source_table', 'file', 'fingerprint')
        number(table, 'rows')
        instant(table, 'loaded_at')
      })
      .createTable('imports', (table) => {
        text(table, 'id', 'source', 'file', 'fingerprint', 'map', 'state', 'error')
        number(table, 'line', 'bytes', 'total_bytes', 'events', 'duplicates', 'rejected')
        instant(table, 'started_at')
        instant(table, 'ended_at')
      })
      .createTable('runs', (table) => {
        number(table, 'id')
        text(table, 'kind', 'selector', 'state', 'error')
        instant(table, 'as_of')
        number(table, 'load')
        table.boolean('historic')
        instant(table, 'started_at')
        instant(table, 'ended_at')
      })
      .createTable('run_steps', (table) => {
        number(table, 'run', 'position')
        text(table, 'name', 'kind', 'state', 'message')
        number(table, 'rows', 'ms')
      })
      .createTable('stale', (table) => {
        text(table, 'name', 'reason')
        number(table, 'run')
      })
      .createTable('memberships', (table) => {
        text(table, 'audience')
        number(table, 'profile_id', 'entered_run', 'left_run')
        instant(table, 'entered_at')
        instant(table, 'left_at')
      })
      .createTable('audience_sizes', (table) => {
        text(table, 'audience')
        number(table, 'run', 'members', 'entered', 'left')
        instant(table, 'as_of')
      })
      .createTable('plans', (table) => {
        number(table, 'id', 'run')
        text(table, 'state', 'error')
        instant(table, 'as_of')
        instant(table, 'created_at')
        instant(table, 'applied_at')
      })
      .createTable('plan_syncs', (table) => {
        number(table, 'plan')
        text(
          table,
          'sync',
          'definition',
          'destination',
          'target',
          'base_url',
          'account',
          'object_id',
          'state',
          'fingerprint',
        )
        number(table, 'ledger_version', 'members_before', 'members_after')
        number(
          table,
          'queried',
          'unchanged',
          'add',
          'update',
          'remove',
          'invalid',
          'suppressed',
          'held',
          'held_removals',
        )
        number(table, 'delivered', 'rejected', 'failed', 'in_doubt', 'suppressed_since', 'resolved')
        table.specificType('details', 'json')
      })
      .createTable('plan_changes', (table) => {
        number(table, 'plan')
        text(table, 'sync')
        number(table, 'sequence')
        text(table, 'operation', 'key', 'fields', 'hash', 'outcome', 'code', 'message')
        number(table, 'profile_id')
      })
      .createTable('targets', (table) => {
        text(table, 'target', 'sync', 'base_url', 'account', 'object_id')
        number(table, 'version', 'plan')
        instant(table, 'created_at')
      })
      .createTable('ledger', (table) => {
        text(table, 'target', 'key', 'hash', 'remote_id')
        number(table, 'profile_id', 'plan')
        instant(table, 'acknowledged_at')
      })
      .createTable('intents', (table) => {
        text(table, 'target', 'key', 'operation', 'fields', 'hash')
        number(table, 'profile_id', 'plan')
        instant(table, 'written_at')
      })
      .createTable('rejections', (table) => {
        text(table, 'target', 'key', 'operation', 'hash', 'code', 'message')
        number(table, 'profile_id', 'plan')
        instant(table, 'rejected_at')
      }),
}
