/**
 * Plan, apply and ledger against strict twins, through failures of every kind.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyPlan, type Plan, syncsOf } from '../src/activation/index.ts'
import { systemEffects } from '../src/core/effects.ts'
import { patient, runs } from '../src/core/test/patience.ts'
import { twinMembers, twinState } from '../src/delivery/twin-reader.ts'
import { Workspace } from '../src/run/index.ts'
import { runProject } from '../src/run/run-project.ts'

const TEMPLATE = join(import.meta.dirname, '../src/project/template')
const HEAD = 'id,email,app_user_id,plan,mrr'
const DESTINATIONS = { facebook_ads: 'paying', crm_mail: 'paying' } as const

let dir: string
let workspace: Workspace

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-activation-'))
  await cp(TEMPLATE, dir, { recursive: true })
  workspace = await openWorkspace()
})

afterEach(async () => {
  await workspace[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

function openWorkspace(): Promise<Workspace> {
  // Waits between retries are real; here they need not be long.
  const effects = {
    ...systemEffects,
    sleep: (ms: number, signal?: AbortSignal) => systemEffects.sleep(Math.min(ms, 5), signal),
  }
  return Workspace.open({ dir, env: 'dev', effects, logger: pino({ level: 'silent' }) })
}

/** Makes the paying customers these people. */
async function customers(people: Iterable<number>): Promise<void> {
  const lines = [...people].map((person) => `cus_${person},Person${person}@Example.com,u${person},pro,20.00`)
  await writeFile(join(dir, 'data/billing/customers.csv'), `${[HEAD, ...lines].join('\n')}\n`)
}

async function run(): Promise<Plan> {
  const { plan, steps } = await runProject(workspace, { alone: true, allowShrink: ['billing.customers'] }, () => {})
  expect(steps.filter(({ state }) => state === 'failed')).toEqual([])
  return plan as Plan // the template has syncs
}

const apply = (plan: Plan, signal?: AbortSignal) =>
  applyPlan(workspace.activation, { plan: plan.id, syncs: syncsOf(workspace.definitions.project), signal })

async function urlOf(destination: string): Promise<string> {
  const found = workspace.definitions.project.destinations[destination]
  if (!found) throw new Error(`the template has no ${destination}`)
  return (await workspace.destinations.twin(found)).url
}

async function fault(destination: string, fault: object): Promise<void> {
  const response = await fetch(`${await urlOf(destination)}/__twin/faults`, {
    method: 'POST',
    body: JSON.stringify(fault),
  })
  expect(response.ok).toBe(true)
}

async function held(destination: keyof typeof DESTINATIONS): Promise<number> {
  const url = await urlOf(destination)
  const object = (await twinState(url)).objects.find(({ name }) => name === DESTINATIONS[destination])
  return object ? (await twinMembers(url, object.id)).length : 0
}

test('adds, then nothing, then exactly what changed', async () => {
  await customers([1, 2, 3, 4, 5])
  const first = await run()
  expect(first.syncs.map(({ add, remove }) => ({ add, remove }))).toEqual([
    { add: 5, remove: 0 },
    { add: 5, remove: 0 },
  ])
  const applied = await apply(first)
  expect(applied.syncs.map(({ delivered, members_after }) => [delivered, members_after])).toEqual([
    [5, 5],
    [5, 5],
  ])
  const second = await run()
  expect(second.syncs.map(({ state, unchanged }) => [state, unchanged])).toEqual([
    ['unchanged', 5],
    ['unchanged', 5],
  ])
  await customers([2, 3, 4, 5, 6])
  const third = await run()
  expect(third.syncs.map(({ add, remove, unchanged }) => [add, remove, unchanged])).toEqual([
    [1, 1, 4],
    [1, 1, 4],
  ])
  await apply(third)
  expect([await held('facebook_ads'), await held('crm_mail')]).toEqual([5, 5])
})

test('planning changes nothing at the destination', async () => {
  await customers([1, 2, 3])
  await apply(await run())
  await customers([1, 2, 9])
  const look = async () =>
    JSON.stringify([await twinState(await urlOf('facebook_ads')), await twinMembers(await urlOf('crm_mail'))])
  const before = await look()
  await run()
  expect(await look()).toBe(before)
})

test('a mass removal is stopped, and the members stay', async () => {
  await customers(Array.from({ length: 40 }, (_, index) => index))
  await apply(await run())
  await customers([1, 2, 3])
  const plan = await run()
  expect(plan.syncs.map(({ state, remove, held_removals }) => [state, remove, held_removals])).toEqual([
    ['stopped', 0, 37],
    ['stopped', 0, 37],
  ])
  await apply(plan)
  expect([await held('facebook_ads'), await held('crm_mail')]).toEqual([40, 40])
})

test('a plan is refused when the definition changed after it was made', async () => {
  await customers([1, 2])
  const plan = await run()
  const file = join(dir, 'audiences/paying.sql')
  await writeFile(
    file,
    `${await import('node:fs').then(({ readFileSync }) => readFileSync(file, 'utf8'))}\n-- changed\n`,
  )
  await workspace.refresh()
  await expect(apply(plan)).rejects.toMatchObject({ code: 'plan_outdated' })
  expect(await held('facebook_ads')).toBe(0)
})

test('an apply broken off goes on, also after a restart, and ends exact', async () => {
  await customers([1, 2, 3, 4])
  const plan = await run()
  await fault('crm_mail', { kind: 'reset', times: 50 })
  await apply(plan)
  await workspace[Symbol.asyncDispose]()
  workspace = await openWorkspace()
  await fetch(`${await urlOf('crm_mail')}/__twin/faults`, { method: 'DELETE' })
  for (let round = 0; round < 3; round++) {
    const next = await run()
    if (next.syncs.some(({ state }) => state === 'ready')) await apply(next)
  }
  expect([await held('facebook_ads'), await held('crm_mail')]).toEqual([4, 4])
})

test('through random changes and failures, twins end up holding exactly the audience', {
  timeout: patient(120_000),
}, async () => {
  const kinds = ['rate_limit', 'server_error', 'reset'] as const
  const step = fc.record({
    people: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 }),
    destination: fc.constantFrom(...(Object.keys(DESTINATIONS) as (keyof typeof DESTINATIONS)[])),
    fault: fc.option(
      fc.record({ kind: fc.constantFrom(...kinds), times: fc.integer({ min: 1, max: 12 }), applied: fc.boolean() }),
    ),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      let last: readonly number[] = []
      for (const { people, destination, fault: wrong } of steps) {
        await customers(people)
        last = people
        const plan = await run()
        if (wrong) await fault(destination, wrong)
        if (plan.syncs.some(({ state }) => state === 'ready')) await apply(plan)
      }
      // Failures end: faults of both twins are used up or taken away, then two quiet rounds settle every doubt.
      for (const destination of Object.keys(DESTINATIONS))
        await fetch(`${await urlOf(destination)}/__twin/faults`, { method: 'DELETE' })
      for (let round = 0; round < 2; round++) {
        const plan = await run()
        if (plan.syncs.some(({ state }) => state === 'ready')) await apply(plan)
      }
      expect([await held('facebook_ads'), await held('crm_mail')]).toEqual([last.length, last.length])
    }),
    { numRuns: runs(3) },
  )
})
