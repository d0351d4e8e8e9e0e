/** Whom identifiers name, and whose a row is. */
export type Entity = 'user' | 'account'

/** The table that holds a row an entity with its traits, and the column that tells the rows apart. */
export const TRAIT_TABLES = {
  user: { table: 'profiles', key: 'profile_id', one: 'profile' },
  account: { table: 'accounts', key: 'account_id', one: 'account' },
} as const satisfies Record<Entity, object>
