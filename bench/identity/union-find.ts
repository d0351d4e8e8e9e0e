import { type DuckDBConnection, DuckDBDataChunk, INTEGER } from '@duckdb/node-api'
import { makePlainGraph } from './plain-graph.ts'

const CHUNK = 2048

/** The plain program with an array union-find, from raw columns to a table of members; gives the number of groups. */
export async function plainUnionFind(connection: DuckDBConnection): Promise<number> {
  const count = await makePlainGraph(connection)
  const parents = Int32Array.from({ length: count }, (_, id) => id)
  const result = await connection.stream('select a, b from pairs')
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [left, right] = [chunk.getColumnVector(0), chunk.getColumnVector(1)]
    for (let row = 0; row < chunk.rowCount; row++) {
      unite(parents, Number(left.getItem(row)), Number(right.getItem(row)))
    }
  }
  await connection.run('create table plain.members (id integer, root integer)')
  return writeMembers(connection, parents)
}

async function writeMembers(connection: DuckDBConnection, parents: Int32Array): Promise<number> {
  const appender = await connection.createAppender('members', 'plain')
  let groups = 0
  for (let first = 0; first < parents.length; first += CHUNK) {
    const ids = Array.from({ length: Math.min(CHUNK, parents.length - first) }, (_, n) => first + n)
    const roots = ids.map((id) => find(parents, id))
    groups += ids.filter((id, n) => roots[n] === id).length
    const chunk = DuckDBDataChunk.create([INTEGER, INTEGER], ids.length)
    chunk.setColumns([ids, roots])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
  return groups
}

function unite(parents: Int32Array, a: number, b: number): void {
  const left = find(parents, a)
  const right = find(parents, b)
  if (left < right) parents[right] = left
  else parents[left] = right
}

function find(parents: Int32Array, id: number): number {
  let at = id
  for (;;) {
    const parent = parents[at] ?? at
    if (parent === at) return at
    const above = parents[parent] ?? parent
    parents[at] = above
    at = above
  }
}
