import type { State } from '../../state/state.ts'
import type { Refusal } from '../landing.ts'
import { storedText } from '../stored-text.ts'

/** The refusals that the table of rejected events does not have yet. */
export async function withoutKnownRefusals(state: State, refusals: readonly Refusal[]): Promise<readonly Refusal[]> {
  if (refusals.length === 0) return []
  const rows = await state.warehouse.session(async (session) => {
    const { relation } = await session.stage(
      { position: 'int' },
      refusals.map(({ position }) => ({ position })),
    )
    return session.query<{ position: number; reason: string }>(
      `select position, reason from ${state.name('rejected_events')} where position in (select position from ${relation})`,
    )
  })
  const known = new Set(rows.map(({ position, reason }) => `${position} ${reason}`))
  return refusals.filter(({ position, reason }) => !known.has(`${position} ${storedText(reason)}`))
}
