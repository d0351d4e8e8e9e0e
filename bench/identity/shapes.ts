import type { Grown, RawRows } from './raw-identifiers.ts'

export interface Shape extends Omit<Grown, 'edges'> {
  readonly name: string
  readonly rows: readonly RawRows[]
}

const CHAINS = 8
const STAR = 1000

/** Graphs of so many edges that are hard in a way of their own. */
export function shapes(edges: number): readonly Shape[] {
  const pairs = Math.round(edges / 2)
  const length = Math.round(edges / CHAINS)
  const stars = Math.ceil(edges / STAR)
  return [
    {
      name: 'many small',
      rows: [row(pairs, { user_id: `'u' || n`, email: `'e' || n || '@mail.example'`, anonymous_id: `'a' || n` })],
      profiles: pairs,
      refused: 0,
    },
    { name: 'one giant', rows: [tree(edges)], profiles: 1, refused: 0 },
    { name: 'long chains', rows: [chain(length * CHAINS, length)], profiles: CHAINS, refused: 0 },
    {
      name: 'stars',
      rows: [row(edges, { user_id: `'u' || n // ${STAR}`, anonymous_id: `'a' || n` })],
      profiles: stars,
      refused: 0,
    },
    {
      name: 'many broken limits',
      rows: [row(pairs * 2, { user_id: `'u' || n`, email: `'e' || n // 2 || '@mail.example'` })],
      profiles: pairs * 2,
      refused: pairs,
    },
  ]
}

const row = (rows: number, ids: RawRows['ids']): RawRows => ({ table: 'shape.identifies', rows, ids })

/** A binary tree: node n + 1 hangs on node n / 2. The kind of a node changes with each floor. */
function tree(edges: number): RawRows {
  const floor = `floor(log2(n + 2)) % 2`
  const [child, parent] = ['n + 1', 'n // 2']
  return row(edges, {
    left_id: `'l' || case when ${floor} = 0 then ${child} else ${parent} end`,
    right_id: `'r' || case when ${floor} = 0 then ${parent} else ${child} end`,
  })
}

/** Paths of so many edges; the kind of a node changes with each step. */
function chain(edges: number, length: number): RawRows {
  const [path, step] = [`n // ${length}`, `n % ${length}`]
  return row(edges, {
    left_id: `'l' || ${path} || '-' || (${step} + ${step} % 2)`,
    right_id: `'r' || ${path} || '-' || (${step} + 1 - ${step} % 2)`,
  })
}
