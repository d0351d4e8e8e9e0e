/**
 * The identifier types of a project, each with its code: its place in the list, the strongest first.
 */
import type { IdentifierType, IdentitySettings } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { Rules } from './grouping.ts'

export class IdentifierTypes {
  readonly all: readonly IdentifierType[]
  readonly #codes: ReadonlyMap<string, number>
  readonly #limited: boolean

  constructor({ types, limited }: IdentitySettings) {
    this.all = types
    this.#limited = limited
    this.#codes = new Map(types.map(({ name }, code) => [name, code]))
  }

  /** Names of the types of an entity, strongest first. */
  of(entity: IdentifierType['entity']): readonly string[] {
    return this.all.filter((type) => type.entity === entity).map(({ name }) => name)
  }

  get(name: string): IdentifierType | undefined {
    return this.all[this.#codes.get(name) ?? -1]
  }

  nameOf(code: number): string {
    return this.all[code]?.name ?? ''
  }

  /** SQL of the code of a type. A type that the project knows no more has the weakest. */
  code(dialect: Dialect, expression: string): string {
    const cases = this.all.map(({ name }, code) => `when ${dialect.text(name)} then ${code}`).join(' ')
    return `cast(case ${expression} ${cases} else ${this.all.length} end as integer)`
  }

  get rules(): Rules {
    const unknown = { limit: 5, sharedAbove: 10 }
    const types = [...this.all, unknown]
    return {
      limits: types.map(({ limit }) => (this.#limited ? limit : Infinity)),
      sharedAbove: types.map(({ sharedAbove }) => (this.#limited ? sharedAbove : Infinity)),
    }
  }
}
