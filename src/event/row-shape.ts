import type { ColumnType } from './value.ts'

/** Shapes remembered; all are forgotten when there are more, for a client may make up names for each event. */
const MAX_SHAPES = 20_000

/** The columns of a row, in the order they came, and their types. Rows alike share one, which makes them small and quick to read. */
export class RowShape {
  readonly size: number
  /** Shared with the shapes that go on from this one: its own are the first `size`. */
  readonly #columns: string[]
  readonly #types: ColumnType[]
  readonly #places: Map<string, number>
  /** The shape that came after it last; mostly it is the next one too. */
  #last: RowShape | undefined
  readonly #after = new Map<string, RowShape[]>()

  constructor(columns: string[] = [], types: ColumnType[] = [], places: Map<string, number> = new Map()) {
    this.#columns = columns
    this.#types = types
    this.#places = places
    this.size = columns.length
  }

  column(place: number): string {
    return this.#columns[place] ?? ''
  }

  type(place: number): ColumnType {
    return this.#types[place] ?? 'other'
  }

  place(column: string): number | undefined {
    const place = this.#places.get(column)
    return place !== undefined && place < this.size ? place : undefined
  }

  /** With one more column, which it does not have. */
  with(column: string, type: ColumnType): RowShape {
    if (this.#last?.endsWith(column, type)) return this.#last
    const others = this.#after.get(column)
    this.#last = others?.find((shape) => shape.endsWith(column, type)) ?? this.#grow(column, type)
    return this.#last
  }

  /** With another type of a column. */
  retyped(place: number, type: ColumnType): RowShape {
    let shape = emptyShape()
    for (let at = 0; at < this.size; at++) shape = shape.with(this.column(at), at === place ? type : this.type(at))
    return shape
  }

  /** Whether its last column is this. */
  endsWith(column: string, type: ColumnType): boolean {
    const place = this.size - 1
    return this.#columns[place] === column && this.#types[place] === type
  }

  #grow(column: string, type: ColumnType): RowShape {
    shapes += 1
    // Where a shape went on from here already, the lists are its.
    const isFree = this.#columns.length === this.size
    const columns = isFree ? this.#columns : this.#columns.slice(0, this.size)
    const types = isFree ? this.#types : this.#types.slice(0, this.size)
    const places = isFree ? this.#places : new Map(columns.map((name, place) => [name, place] as const))
    columns.push(column)
    types.push(type)
    places.set(column, this.size)
    const shape = new RowShape(columns, types, places)
    const others = this.#after.get(column)
    if (others) others.push(shape)
    else this.#after.set(column, [shape])
    return shape
  }
}

let empty = new RowShape()
let shapes = 0

/** The shape of a row without columns. */
export function emptyShape(): RowShape {
  if (shapes > MAX_SHAPES) {
    empty = new RowShape()
    shapes = 0
  }
  return empty
}
