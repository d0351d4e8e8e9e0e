import type { Migration } from '../state.ts'

export const migration: Migration = {
  up: (schema) =>
    schema.createTable('replays', (table) => {
      table.text('id')
      table.text('source')
      table.timestamp('from_time', { useTz: true })
      table.timestamp('to_time', { useTz: true })
      table.text('predicate')
      table.boolean('overwrite')
      table.boolean('dry_run')
      table.bigInteger('rate')
      table.text('state')
      table.text('error')
      table.bigInteger('watermark')
      table.bigInteger('until_position')
      table.bigInteger('position')
      table.text('batch')
      table.bigInteger('offset')
      table.bigInteger('records')
      table.bigInteger('total')
      table.bigInteger('events')
      table.bigInteger('landed')
      table.bigInteger('duplicates')
      table.bigInteger('rejected')
      table.bigInteger('untested')
      table.text('untested_reason')
      table.text('counts')
      table.timestamp('started_at', { useTz: true })
      table.timestamp('ended_at', { useTz: true })
    }),
}
