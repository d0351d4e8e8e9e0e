import type { Migration } from '../state.ts'

export const migration: Migration = {
  up: (schema) =>
    schema
      .createTable('held_rows', (table) => {
        table.bigInteger('number')
        table.text('table_schema')
        table.text('table_name')
        table.text('waits_for')
        table.text('source')
        table.text('row_id')
        table.bigInteger('position')
        table.text('user_id')
        table.text('anonymous_id')
        table.timestamp('received_at', { useTz: true })
        table.timestamp('held_at', { useTz: true })
        table.boolean('checked')
        table.text('reason')
        table.text('values')
      })
      .alterTable('loads', (table) => {
        table.bigInteger('held')
      }),
}
