/**
 * The books: the three equations that every plan, apply and ledger must satisfy.
 */
import { MusterError } from '../core/errors.ts'

export interface PlanBooks {
  readonly queried: number
  readonly unchanged: number
  readonly add: number
  readonly update: number
  readonly invalid: number
  readonly suppressed: number
  readonly held: number
  /** Removals stand apart: those to make, and those held back (still members). */
  readonly remove: number
  readonly held_removals: number
}

export interface ApplyBooks {
  readonly delivered: number
  readonly rejected: number
  readonly failed: number
  readonly in_doubt: number
  readonly suppressed_since: number
}

export interface LedgerBooks {
  readonly members_before: number
  readonly adds_delivered: number
  readonly removals_delivered: number
  readonly members_after: number
}

/** queried = unchanged + add + update + invalid + suppressed + held. Throws `books_unbalanced`. */
export function balancePlan(sync: string, books: PlanBooks): void {
  const { queried, unchanged, add, update, invalid, suppressed, held } = books
  balance(sync, 'plan', queried, unchanged + add + update + invalid + suppressed + held, books)
}

/** add + update + remove = delivered + rejected + failed + in doubt + suppressed since. Throws `books_unbalanced`. */
export function balanceApply(sync: string, planned: PlanBooks, applied: ApplyBooks): void {
  const { delivered, rejected, failed, in_doubt, suppressed_since } = applied
  balance(
    sync,
    'apply',
    planned.add + planned.update + planned.remove,
    delivered + rejected + failed + in_doubt + suppressed_since,
    applied,
  )
}

/** members before + adds delivered − removals delivered = members after. Throws `books_unbalanced`. */
export function balanceLedger(sync: string, books: LedgerBooks): void {
  const { members_before, adds_delivered, removals_delivered, members_after } = books
  balance(sync, 'ledger', members_before + adds_delivered - removals_delivered, members_after, books)
}

function balance(sync: string, equation: string, left: number, right: number, books: object): void {
  if (left === right) return
  throw new MusterError(
    'books_unbalanced',
    `The ${equation} equation of ${sync} does not balance: ${left} ≠ ${right}; ${JSON.stringify(books)}.`,
  )
}
