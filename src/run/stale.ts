/**
 * Stale definitions: those that keep the rows of an earlier run because something they read failed.
 */
import type { State } from '../state/state.ts'

export async function markStale(state: State, name: string, run: number, reason: string): Promise<void> {
  await state.transaction(async (session) => {
    await session.run(state.table('stale').where({ name }).delete())
    await session.run(state.table('stale').insert({ name, run, reason }))
  })
}

export async function markFresh(state: State, name: string): Promise<void> {
  await state.transaction((session) => session.run(state.table('stale').where({ name }).delete()))
}

/** Definition → why it is stale. */
export async function readStale(state: State): Promise<ReadonlyMap<string, string>> {
  const rows = await state.warehouse.session((session) =>
    session.query<{ name: string; reason: string }>(state.table('stale').select('name', 'reason')),
  )
  return new Map(rows.map(({ name, reason }) => [name, reason]))
}
