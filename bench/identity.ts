import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atMost, type Bench, exactly } from './bench.ts'
import { landRows, makeProject, onPlainDuckdb, spentOn, stitchUpTo } from './identity/graph-site.ts'
import { plainLabelPropagation } from './identity/label-propagation.ts'
import { allRows, EDGES, grown, IDENTIFIERS_OF_PERSON, newRows, peopleOf } from './identity/raw-identifiers.ts'
import { shapes } from './identity/shapes.ts'
import { plainUnionFind } from './identity/union-find.ts'

const NEW_EDGES = 100_000
const COLD_SECONDS = 60
const NEW_SECONDS = 3
/** Of the edges: SQL label propagation takes minutes on all of them. */
const PROPAGATION_SHARE = 1 / 20
const SHAPE_SHARE = 1 / 10

type Part = Awaited<ReturnType<Bench['run']>>

/** From raw identifier columns to people, against the plain programs of the same run, and by shapes of graphs. */
export const bench: Bench = {
  name: 'identity',
  description: '16 million edges from raw identifiers to people, cold and 100,000 more; against plain programs; shapes',
  async run({ scale }) {
    const dir = await mkdtemp(join(tmpdir(), 'muster-bench-identity-'))
    try {
      const parts = [
        await coldAndNew(join(dir, 'all'), scale),
        await byShape(dir, whole(EDGES * scale * SHAPE_SHARE)),
        await againstPropagation(join(dir, 'propagation'), whole(EDGES * scale * PROPAGATION_SHARE)),
      ]
      return {
        figures: Object.assign({}, ...parts.map(({ figures }) => figures)),
        checks: parts.flatMap(({ checks }) => checks),
      }
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

/** Whole people, whole groups, whole chains. */
function whole(edges: number): number {
  return Math.max(1600, Math.round(edges / 1600) * 1600)
}

async function coldAndNew(dir: string, scale: number): Promise<Part> {
  const edges = whole(EDGES * scale)
  const added = Math.max(100, Math.round((NEW_EDGES * scale) / 10) * 10)
  const people = peopleOf(edges)
  await makeProject(dir)
  await landRows(dir, 1, allRows(edges))
  const plain = await onPlainDuckdb(dir, async (connection) => {
    const spent = await spentOn(() => plainUnionFind(connection))
    await connection.run('drop schema plain cascade')
    return spent
  })
  const cold = await stitchUpTo(dir, 1)
  // The second increment also ties strangers of the first to known people.
  await landRows(dir, 2, newRows(added, 1, people))
  const first = await stitchUpTo(dir, 2)
  await landRows(dir, 3, newRows(added, 2, people))
  const second = await stitchUpTo(dir, 3)
  const expected = grown(edges, added, 2)
  const increment = Math.max(first.seconds, second.seconds)
  return {
    figures: {
      'cold: edges': cold.edges,
      'cold: identifiers, a tenth of them phones': cold.identifiers,
      'cold: profiles': cold.profiles,
      'cold (s)': cold.seconds,
      'cold: CPU (s)': cold.cpuSeconds,
      'plain union-find, phones as written (s)': plain.seconds,
      'plain union-find: CPU (s)': plain.cpuSeconds,
      "cold: memory beyond DuckDB's limit (MiB)": cold.beyondDuckdbMiB,
      'cold: JavaScript memory (bytes an identifier)': Math.round(cold.heapBytes / cold.identifiers),
      'new edges': added,
      'new edges: first time (s)': first.seconds,
      'new edges: second time (s)': second.seconds,
      'new edges: CPU, second time (s)': second.cpuSeconds,
    },
    checks: [
      exactly('cold: edges', cold.edges, edges),
      exactly('cold: identifiers', cold.identifiers, people * IDENTIFIERS_OF_PERSON),
      exactly('cold: profiles', cold.profiles, people),
      exactly('plain union-find: groups', plain.result, people),
      atMost('cold (s)', cold.seconds, COLD_SECONDS * scale),
      atMost('cold against plain union-find', cold.seconds / plain.seconds, 2.5),
      exactly('new edges: edges', second.edges, expected.edges),
      exactly('new edges: profiles', second.profiles, expected.profiles),
      exactly('new edges: unions refused', second.refused, expected.refused),
      atMost('new edges (s)', increment, NEW_SECONDS),
      atMost('new edges against cold', increment / cold.seconds, 1 / 12),
    ],
  }
}

async function byShape(dir: string, edges: number): Promise<Part> {
  const figures: Record<string, number> = { 'shapes: edges': edges }
  const checks: Part['checks'][number][] = []
  for (const { name, rows, profiles, refused } of shapes(edges)) {
    const folder = join(dir, name.replaceAll(' ', '-'))
    await makeProject(folder)
    await landRows(folder, 1, rows)
    const stitched = await stitchUpTo(folder, 1)
    figures[`${name} (s)`] = stitched.seconds
    checks.push(exactly(`${name}: profiles`, stitched.profiles, profiles))
    checks.push(exactly(`${name}: unions refused`, stitched.refused, refused))
    await rm(folder, { recursive: true })
  }
  return { figures, checks }
}

async function againstPropagation(dir: string, edges: number): Promise<Part> {
  await makeProject(dir)
  await landRows(dir, 1, allRows(edges))
  const ours = await stitchUpTo(dir, 1)
  const plain = await onPlainDuckdb(dir, (connection) => spentOn(() => plainLabelPropagation(connection)))
  const { passes, groups } = plain.result
  return {
    figures: {
      'SQL label propagation: edges': edges,
      'SQL label propagation: passes': passes,
      'SQL label propagation (s)': plain.seconds,
      'ours of the same (s)': ours.seconds,
      'SQL label propagation against ours': plain.seconds / ours.seconds,
    },
    checks: [exactly('SQL label propagation: groups', groups, ours.profiles)],
  }
}
