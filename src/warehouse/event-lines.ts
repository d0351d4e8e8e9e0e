import { convert, type RowShape } from '../event/index.ts'
import type { Dialect } from './dialect.ts'
import type { PlacedRow, TableBatch } from './event-batch.ts'
import { DISCARD_COLUMNS, type Discards, type PlacedDiscard } from './event-discards.ts'
import { type Columns, ownColumns } from './event-schema.ts'
import type { Cell, ColumnType } from './warehouse.ts'

/** What the rows of a load have in common. */
export interface Insertion {
  readonly load: number
  /** ISO instant. */
  readonly loadedAt: string
  /** The number of each owner's identifier, by place of the owner. */
  readonly numbers: readonly (number | null)[]
  readonly discards: Discards
  readonly rowRoom: Dialect['rowRoom']
}

/** Rows of fewer values have room everywhere. */
const MANY_VALUES = 300
const TOO_WIDE = 'the row is too wide'

/** A table as the rows of a batch find it. */
export interface Target {
  readonly columns: Columns
  /** Columns whose values cannot be stored as they are → why. */
  readonly left: ReadonlyMap<string, string>
}

/** The columns that a batch fills, in the order of its lines' cells. */
export function filledColumns({ table, columns }: TableBatch, target: Target): Columns {
  const filled = new Map<string, ColumnType>(ownColumns(table))
  for (const column of columns.keys()) {
    const type = target.columns.get(column)
    if (type !== undefined) filled.set(column, type)
  }
  return filled
}

/**
 * The rows as cells, made one by one: the array is the same each time. What a column does not take goes to the discards.
 */
export function* linesOf(
  batch: TableBatch,
  target: Target,
  { load, loadedAt, numbers, discards, rowRoom }: Insertion,
): Generator<readonly Cell[]> {
  const filled = [...filledColumns(batch, target)]
  const own = ownColumns(batch.table).size
  const fits = new Map<RowShape, Fit>()
  const cells: Cell[] = filled.map(() => undefined)
  for (const row of batch.rows) {
    const { shape } = row.values
    const fit = fits.get(shape) ?? fitOf(shape, filled, own)
    fits.set(shape, fit)
    if (own > 0) {
      cells[0] = load
      cells[1] = row.event.position
      cells[2] = numbers[row.owner]
      cells[3] = loadedAt
    }
    for (let place = own; place < filled.length; place++) cells[place] = bareValue(row, fit.sources[place])
    for (const place of fit.otherwise) {
      const [column, type] = filled[place] ?? ['', 'other']
      cells[place] = converted(row, column, type) ?? discard(batch, target, row, column, discards)
    }
    const room = filled.length > MANY_VALUES ? rowRoom() : undefined
    if (room) {
      for (const [place, [column, type]] of filled.entries()) {
        const value = cells[place]
        if (value === undefined || value === null || room.takes(type, value)) continue
        cells[place] = undefined
        discards.addValue(batch.table, row, column, TOO_WIDE)
      }
    }
    for (const column of fit.unfilled) discard(batch, target, row, column, discards)
    yield cells
  }
}

/** How rows of a shape fill the columns. */
interface Fit {
  /** By cell: the place of its value in the row. */
  readonly sources: readonly (number | undefined)[]
  /** Cells whose values have another type than their column. */
  readonly otherwise: readonly number[]
  /** Columns of the rows that the table has not. */
  readonly unfilled: readonly string[]
}

function fitOf(shape: RowShape, filled: readonly (readonly [string, ColumnType])[], own: number): Fit {
  const sources = filled.map(([column], place) => (place < own ? undefined : shape.place(column)))
  const otherwise = [...sources.keys()].filter((place) => {
    const source = sources[place]
    return source !== undefined && shape.type(source) !== filled[place]?.[1]
  })
  const columns = new Set(filled.slice(own).map(([column]) => column))
  const unfilled = Array.from({ length: shape.size }, (_, place) => shape.column(place)).filter(
    (column) => !columns.has(column),
  )
  return { sources, otherwise, unfilled }
}

function bareValue({ values }: PlacedRow, source: number | undefined): Cell {
  const cell = source === undefined ? undefined : values.cells[source]
  return typeof cell === 'object' ? cell.value : cell
}

function converted({ values }: PlacedRow, column: string, type: ColumnType): Cell {
  const value = values.get(column)
  return value && convert(value, type)?.value
}

/** Leaves the cell empty. */
function discard({ table }: TableBatch, target: Target, row: PlacedRow, column: string, discards: Discards): undefined {
  const reason = target.left.get(column)
  if (reason !== undefined) discards.addValue(table, row, column, reason)
  else discards.addConflict(table, row, column, target.columns.get(column) ?? 'other')
}

/** The lines of `discards`, as cells in the order of its columns. */
export function* discardLines(lines: readonly PlacedDiscard[]): Generator<readonly Cell[]> {
  const columns = [...DISCARD_COLUMNS.keys()] as readonly (keyof PlacedDiscard['line'])[] // the columns are those of a line
  for (const { line } of lines) yield columns.map((column) => line[column])
}
