import type { Dirt } from './dirt.ts'
import type { User } from './people.ts'
import type { Noted } from './said.ts'
import type { Row } from './table.ts'

/** That an identifier, as it was sent, is of a person; or, where it is `borrowed`, that they gave it and it is not theirs. */
export interface Claim {
  readonly person: string
  readonly type: 'user_id' | 'email' | 'phone' | 'anonymous_id'
  readonly value: string
  readonly dirt: Dirt | undefined
}

export interface ClaimedRow {
  readonly row: Row
  readonly claims: readonly Claim[]
}

const numbered = (kind: string, index: number): string => `${kind}_${String(index + 1).padStart(5, '0')}`

export const personOf = ({ index }: Pick<User, 'index'>): string => numbered('user', index)

export const relativeOf = (index: number): string => numbered('relative', index)
export const prospectOf = (company: number, seat: number): string => `${numbered('prospect', company)}_${seat + 1}`
export const bookkeeperOf = (workspace: number): string => numbered('bookkeeper', workspace)
export const visitorOf = (index: number): string => numbered('visitor', index)

/** What a row or message says of a person. */
export function claimsOf(
  person: string,
  said: { readonly [type in Claim['type']]?: Noted | undefined },
): readonly Claim[] {
  return Object.entries(said).flatMap(([type, noted]) =>
    // Object.entries widens the names that the parameter's type allows.
    noted === undefined ? [] : [{ person, type: type as Claim['type'], value: noted.value, dirt: noted.dirt }],
  )
}
