import type { Migration } from '../state.ts'

export const migration: Migration = {
  up: (schema) =>
    schema
      .createTable('tombstones', (table) => {
        table.text('hash')
        table.text('type')
        table.timestamp('erased_at', { useTz: true })
        table.text('deletion')
      })
      .createTable('deletions', (table) => {
        table.text('id')
        table.text('state')
        table.text('reason')
        table.boolean('suppress')
        table.timestamp('requested_at', { useTz: true })
        table.timestamp('ended_at', { useTz: true })
        table.text('error')
        /** Hashes of the identifiers, as JSON. */
        table.text('hashes')
        /** The identifiers themselves, as JSON, until all is deleted. */
        table.text('pending')
        /** What was done, as JSON. */
        table.text('receipt')
      })
      .alterTable('loads', (table) => {
        table.bigInteger('erased')
      }),
}
