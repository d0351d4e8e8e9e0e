/**
 * The project's salt, by which people are remembered without being named.
 */
import type { Effects } from '../core/effects.ts'
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'

/** Undefined until something was hashed with it. */
export async function readSalt(session: Session, state: State): Promise<string | undefined> {
  const [row] = await session.query<{ salt: string }>(state.table('suppression_salt').select('salt'))
  return row?.salt
}

/** Makes the salt at its first use; within a transaction of the lane `state`. */
export async function requireSalt(session: Session, state: State, effects: Effects): Promise<string> {
  const known = await readSalt(session, state)
  if (known !== undefined) return known
  const salt = effects.id()
  await session.run(state.table('suppression_salt').insert({ salt }))
  return salt
}
