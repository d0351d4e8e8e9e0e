import { emptyShape, type RowShape } from './row-shape.ts'
import type { ColumnValue } from './value.ts'

/** The bare value of a column; with what else is known of it where that is something. */
export type RowCell = ColumnValue['value'] | ColumnValue

/** The values of one row, by column. Written as JSON they are an object of columns. */
export class RowValues {
  #shape: RowShape
  readonly #cells: RowCell[]

  constructor(shape: RowShape = emptyShape(), cells: RowCell[] = []) {
    this.#shape = shape
    this.#cells = cells
  }

  static of(columns: Readonly<Record<string, ColumnValue>>): RowValues {
    const values = new RowValues()
    for (const [column, value] of Object.entries(columns)) values.set(column, value)
    return values
  }

  get shape(): RowShape {
    return this.#shape
  }

  /** In the order of the shape's columns. */
  get cells(): readonly RowCell[] {
    return this.#cells
  }

  get(column: string): ColumnValue | undefined {
    const place = this.#shape.place(column)
    return place === undefined ? undefined : this.#valueAt(place)
  }

  set(column: string, value: ColumnValue): void {
    const { type, text, isJson } = value
    const cell = text === undefined && isJson === undefined ? value.value : value
    const place = this.#shape.place(column)
    if (place === undefined) {
      this.#shape = this.#shape.with(column, type)
      this.#cells.push(cell)
      return
    }
    if (this.#shape.type(place) !== type) this.#shape = this.#shape.retyped(place, type)
    this.#cells[place] = cell
  }

  /** A row that begins with these values. */
  copy(): RowValues {
    return new RowValues(this.#shape, this.#cells.slice())
  }

  *[Symbol.iterator](): Iterator<readonly [string, ColumnValue]> {
    for (let place = 0; place < this.#cells.length; place++) {
      yield [this.#shape.column(place), this.#valueAt(place)]
    }
  }

  toJSON(): Readonly<Record<string, ColumnValue>> {
    return Object.fromEntries(this)
  }

  #valueAt(place: number): ColumnValue {
    const cell = this.#cells[place] ?? ''
    return typeof cell === 'object' ? cell : { type: this.#shape.type(place), value: cell }
  }
}
