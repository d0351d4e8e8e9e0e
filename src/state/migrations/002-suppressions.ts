import type { Migration } from '../state.ts'

export const migration: Migration = {
  up: (schema) =>
    schema
      .createTable('suppressions', (table) => {
        table.text('hash')
        table.text('reason')
        table.timestamp('since', { useTz: true })
      })
      .createTable('suppression_salt', (table) => {
        table.text('salt')
      }),
}
