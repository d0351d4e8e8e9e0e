import type { Session, Warehouse } from '../../src/warehouse/warehouse.ts'

/** When a process dies: before its nth statement. */
export interface Death {
  readonly afterStatements: number
  /** Keeps what is on disk at that moment. */
  readonly onDeath: () => Promise<void>
}

export class Dead extends Error {}

/** The warehouse of a process that dies: from then on it does nothing any more. */
export function mortal(warehouse: Warehouse, death: Death | undefined): Warehouse {
  return death === undefined ? warehouse : new MortalWarehouse(warehouse, death)
}

class MortalWarehouse implements Warehouse {
  readonly dialect: Warehouse['dialect']
  readonly #warehouse: Warehouse
  readonly #death: Death
  #left: number

  constructor(warehouse: Warehouse, death: Death) {
    this.dialect = warehouse.dialect
    this.#warehouse = warehouse
    this.#death = death
    this.#left = death.afterStatements
  }

  columns = (schema?: string) => this.#warehouse.columns(schema)
  userQuery: Warehouse['userQuery'] = (sql, options) => this.#warehouse.userQuery(sql, options)
  compact: Warehouse['compact'] = (needles) => this.#warehouse.compact(needles)
  copyTo: Warehouse['copyTo'] = (file) => this.#warehouse.copyTo(file)
  session: Warehouse['session'] = (work) => this.#warehouse.session((session) => work(this.#mortal(session)))
  transaction: Warehouse['transaction'] = (lane, work) =>
    this.#warehouse.transaction(lane, async (session) => {
      const result = await work(this.#mortal(session))
      await this.#live() // before the commit
      return result
    })

  async define(statements: readonly string[]): Promise<void> {
    await this.#live()
    await this.#warehouse.define(statements)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#warehouse[Symbol.asyncDispose]()
  }

  #mortal(session: Session): Session {
    const living =
      <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        await this.#live()
        return work(...args)
      }
    return {
      query: living(session.query.bind(session)) as Session['query'], // `bind` forgets the type of the rows
      run: living(session.run.bind(session)),
      stream: session.stream.bind(session),
      integers: session.integers.bind(session),
      stage: living(session.stage.bind(session)),
      stageIntegers: living(session.stageIntegers.bind(session)),
      append: living(session.append.bind(session)),
      replace: living(session.replace.bind(session)),
      readFile: living(session.readFile.bind(session)),
    }
  }

  async #live(): Promise<void> {
    this.#left -= 1
    if (this.#left > 0) return
    if (this.#left === 0) await this.#death.onDeath()
    throw new Dead()
  }
}
