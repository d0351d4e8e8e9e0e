import { setTimeout as sleep } from 'node:timers/promises'
import { MusterError, messageOf } from '../../core/errors.ts'
import type { Session } from '../warehouse.ts'
import { DEADLOCK, LOCK_NOT_AVAILABLE, sqlStateOf } from './failure.ts'

/** Longer, and everybody who comes after waits behind this. */
export const LOCK_TIMEOUT = '2s'
const TRIES = 5
const FIRST_PAUSE_MS = 100

/**
 * Does what needs locks that readers hold, within the session's transaction: each try gives up soon, lets the others
 * by and leaves nothing behind. Throws `warehouse_busy` after five.
 */
export async function patiently<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const [before] = await session.query<{ timeout: string }>(`select current_setting('lock_timeout') as timeout`)
  for (let attempt = 1; ; attempt++) {
    await session.run(`savepoint patience; set local lock_timeout = '${LOCK_TIMEOUT}'`)
    try {
      const result = await work()
      await session.run(`set local lock_timeout = '${before?.timeout ?? 0}'; release savepoint patience`)
      return result
    } catch (error) {
      const state = sqlStateOf(error)
      const waited = state === LOCK_NOT_AVAILABLE || state === DEADLOCK
      if (!waited) throw error
      await session.run('rollback to savepoint patience')
      if (attempt === TRIES) {
        const message = `A change of tables waited ${TRIES} times for others in vain: ${messageOf(error)}`
        throw new MusterError('warehouse_busy', message, { cause: error })
      }
      await sleep(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random()))
    }
  }
}

/** Whether work within a savepoint was refused; then it is undone, and the transaction goes on. */
export async function refusal(session: Session, work: () => Promise<void>): Promise<MusterError | undefined> {
  await session.run('savepoint attempt')
  try {
    await work()
    await session.run('release savepoint attempt')
    return undefined
  } catch (error) {
    if (!(error instanceof MusterError) || error.code !== 'warehouse_refused') throw error
    await session.run('rollback to savepoint attempt; release savepoint attempt')
    return error
  }
}
