/**
 * Paths of members and the columns they become. An event's paths are mostly those of the one before: naming each once
 * makes flattening a walk along known nodes.
 */
import { columnName } from './naming.ts'

/** Nodes remembered; all are forgotten when there are more, for a client may make up names for each event. */
const MAX_NODES = 20_000

/** Longer paths are made up by a machine; remembering them would fill the memory. */
const MAX_REMEMBERED = 400

export interface PathSettings {
  /** Goes before the path, such as `context_`. */
  readonly prefix: string
  /** Columns whose meaning is fixed, which no member can have. */
  readonly reserved: ReadonlySet<string>
  /** Columns that have another name than their path says. */
  readonly renamed?: ReadonlyMap<string, string>
}

/** One member's place in events. */
export interface PathNode {
  /** Keys joined by `_`, with the prefix. */
  readonly path: string
  /** Undefined where nothing is left of the name. */
  readonly column: string | undefined
  readonly isReserved: boolean
  readonly parent: PathNode | undefined
  readonly key: string
  children: Map<string, PathNode> | undefined
  /** The turn in which its value became that of the column; 0 once another took its place. */
  holds: number
}

/** The paths of one kind of events. A turn is the flattening of one member of one event. */
export class Paths {
  readonly #settings: PathSettings
  readonly #byColumn = new Map<string, PathNode[]>()
  #passing: PathNode[] = []
  #root: PathNode
  #nodes = 0
  #turn = 0
  #first = 0

  constructor(settings: PathSettings) {
    this.#settings = settings
    this.#root = rootOf(settings)
  }

  beginEvent(): void {
    this.#first = this.#turn + 1
    if (this.#passing.length > 0) this.#passing = []
    if (this.#nodes <= MAX_NODES) return
    this.#nodes = 0
    this.#byColumn.clear()
    this.#root = rootOf(this.#settings)
  }

  /** Begins a turn; gives the node from which its member's keys go. */
  beginMember(): PathNode {
    this.#turn += 1
    return this.#root
  }

  child(parent: PathNode, key: string): PathNode {
    return parent.children?.get(key) ?? this.#add(parent, key)
  }

  /** Its value is now the column's. */
  hold(node: PathNode): void {
    node.holds = this.#turn
  }

  /** The path whose value the column has in this event, if a path gave it. */
  holder(column: string): PathNode | undefined {
    const isHolder = (node: PathNode) => node.column === column && node.holds >= this.#first
    return this.#byColumn.get(column)?.find(isHolder) ?? this.#passing.find(isHolder)
  }

  /** Whether the path, now at hand, comes after the holder: in a later member, or later with the keys in sorted order. */
  isAfter(node: PathNode, holder: PathNode): boolean {
    return holder.holds < this.#turn || comparePaths(node, holder) >= 0
  }

  isOfThisTurn(holder: PathNode): boolean {
    return holder.holds === this.#turn
  }

  #add(parent: PathNode, key: string): PathNode {
    const node = this.#nodeOf(parent, key)
    if (node.path.length > MAX_REMEMBERED) {
      this.#passing.push(node)
      return node
    }
    parent.children ??= new Map()
    parent.children.set(key, node)
    this.#nodes += 1
    if (node.column !== undefined) {
      const twins = this.#byColumn.get(node.column)
      if (twins === undefined) this.#byColumn.set(node.column, [node])
      else twins.push(node)
    }
    return node
  }

  #nodeOf(parent: PathNode, key: string): PathNode {
    const { reserved, renamed } = this.#settings
    const path = parent.parent === undefined ? parent.path + key : `${parent.path}_${key}`
    const named = columnName(path)
    const column = named === undefined ? undefined : (renamed?.get(named) ?? named)
    const isReserved = column !== undefined && reserved.has(column)
    return { path, column, isReserved, parent, key, children: undefined, holds: 0 }
  }
}

function rootOf({ prefix }: PathSettings): PathNode {
  return {
    path: prefix,
    column: undefined,
    isReserved: false,
    parent: undefined,
    key: '',
    children: undefined,
    holds: 0,
  }
}

function comparePaths(one: PathNode, other: PathNode): number {
  const keys = keysOf(one)
  const others = keysOf(other)
  for (const [index, key] of keys.entries()) {
    const against = others[index]
    if (against === undefined) return 1
    if (key !== against) return key < against ? -1 : 1
  }
  return keys.length - others.length
}

function keysOf(node: PathNode): readonly string[] {
  const keys: string[] = []
  for (let at = node; at.parent !== undefined; at = at.parent) keys.unshift(at.key)
  return keys
}
