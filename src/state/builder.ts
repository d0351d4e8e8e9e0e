import knex, { type Knex } from 'knex'

/**
 * Builds SQL for state on every engine; it holds no connection: a Session runs what it builds.
 * Only what DuckDB and Postgres share is used (no serial, no ON CONFLICT on DuckDB's unindexed tables).
 */
export const builder: Knex = knex({ client: 'pg' })
