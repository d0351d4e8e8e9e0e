/**
 * Stitches the demo's people and holds the profiles against the generator's truth of who is who, with limits and without.
 */
import { parseArgs } from 'node:util'
import { generateCompany, truthOf } from '../../examples/saas/generate/index.ts'
import { Demo } from './identity-truth/demo.ts'
import { groupedIdentifiers } from './identity-truth/grouped.ts'
import { judge, type Verdict } from './identity-truth/verdict.ts'

const LEAST_PRECISION = 0.99
const LEAST_RECALL = 0.98

/** The company's present: any instant will do, so long as it is always the same. */
const END = '2026-06-15T12:00:00Z'

const USAGE = 'Usage: npm run long -- identity-truth [--seed N] [--users N] [--events N]'

interface Settings {
  readonly seed: number
  readonly users: number
  readonly minEvents: number
}

/** Undefined when the arguments are not understood. */
function readSettings(): Settings | undefined {
  const options = { seed: { type: 'string' }, users: { type: 'string' }, events: { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const settings = {
    seed: Number(values.seed ?? 20_260),
    users: Number(values.users ?? 2000),
    minEvents: Number(values.events ?? 200_000),
  }
  return Object.values(settings).every((value) => value >= 0) ? settings : undefined
}

interface Compared {
  readonly limited: Verdict
  /** Absent where limits cannot be switched off. */
  readonly unlimited: Verdict | undefined
}

async function compare(settings: Settings): Promise<Compared> {
  const company = generateCompany({ ...settings, end: new Date(END) })
  const truth = truthOf(company)
  await using demo = await Demo.make(company)
  const look = () => demo.run(async (workspace) => judge(await groupedIdentifiers(workspace, truth)))
  const limited = await look()
  return { limited, unlimited: (await demo.withoutLimits()) ? await look() : undefined }
}

function report({ limited, unlimited }: Compared): void {
  printVerdict('as the project is', limited)
  if (unlimited) printVerdict('identity.limits: off', unlimited)
  else console.log('\nThis version has no setting `identity.limits`: the figures without limits are left out.')
}

function printVerdict(title: string, verdict: Verdict): void {
  const { identifiers, profiles, largest, precision, recall, recallOfSole, recallOfAll, grouped, held, wrong, missed } =
    verdict
  console.log(`\n${title}: ${identifiers} identifiers, ${profiles} profiles, the largest of ${largest}`)
  console.log(`  precision ${precision.toFixed(4)} of ${grouped} pairs`)
  console.log(`  recall    ${recall.toFixed(4)} of ${held} pairs`)
  console.log(
    `            ${recallOfSole.toFixed(4)} of the pairs of one owner each, ${recallOfAll.toFixed(4)} of all true pairs`,
  )
  const causes = [...new Set([...wrong.keys(), ...missed.keys()])].sort()
  console.table(
    Object.fromEntries(
      causes.map((cause) => [cause, { missed: missed.get(cause) ?? 0, wrong: wrong.get(cause) ?? 0 }]),
    ),
  )
}

async function main(): Promise<number> {
  const settings = readSettings()
  if (settings === undefined) {
    console.error(USAGE)
    return 2
  }
  const compared = await compare(settings)
  report(compared)
  const { precision, recall } = compared.limited
  if (precision >= LEAST_PRECISION && recall >= LEAST_RECALL) return 0
  console.log(`\nBELOW: precision must be ${LEAST_PRECISION}, recall ${LEAST_RECALL}`)
  return 1
}

process.exitCode = await main()
