import { type ErrorCode, MusterError, messageOf } from '../../../core/errors.ts'
import { systemCode } from '../../../core/files.ts'
import { between, chance, oneOf } from '../../../core/test/seeded-random.ts'
import type { SimulatedDisk } from '../../../core/test/simulated-disk.ts'
import type { SimulatedProcess } from '../../../core/test/simulated-process.ts'
import type { LogWriter } from '../../event-log.ts'
import { archiveSegments } from '../../local/archive.ts'
import { archivedThrough } from '../../local/archived-through.ts'
import { openLogReader } from '../../local/reader.ts'
import { openLogWriter } from '../../local/writer.ts'
import { FAULT_CODES } from './faults.ts'
import { Violation } from './promises.ts'
import { AGE_MS, archiveOf, effectsOf, newPayloads, WAREHOUSE, type World } from './world.ts'

/** Runs collector, consumers and archiver on `disk`, each of them killed and started again, until the power is cut. */
export async function runMachine(disk: SimulatedDisk, world: World): Promise<void> {
  const programs = [collect, keepSegments, ...world.consumers.map((name) => consume(name))]
  await Promise.all(programs.map((program) => keepRunning(program, disk, world)))
}

type Program = (process: SimulatedProcess, world: World) => Promise<void>

/** In a row: faults pass, and full segments are archived and deleted. */
const MAX_REFUSALS = 2000
const FAULTS = new Set<string>(FAULT_CODES)
const REFUSALS = new Set<ErrorCode>(['log_full', 'log_unwritable', 'folder_unwritable'])

async function keepRunning(program: Program, disk: SimulatedDisk, world: World): Promise<void> {
  while (!disk.off) {
    const process = disk.start({ computes: program !== collect })
    try {
      await program(process, world)
    } catch (error) {
      if (isBroken(error)) {
        disk.cutPowerAfter(0)
        throw error instanceof Violation ? error : new Violation(messageOf(error), { cause: error })
      }
    }
    process.kill()
    if (!disk.off) world.kills++
  }
}

/** Whether a failure is more than what a dead process or a bad disk explains. */
function isBroken(error: unknown): boolean {
  if (error instanceof Violation) return true
  if (error instanceof MusterError)
    return !REFUSALS.has(error.code) || (error.cause !== undefined && isBroken(error.cause))
  const dead = error instanceof Error && /^the (process was killed|power is off)$/.test(error.message)
  return !dead && !FAULTS.has(String(systemCode(error)))
}

async function collect(process: SimulatedProcess, world: World): Promise<void> {
  const { random } = world
  const until = between(random, 5, 400)
  if (chance(random, 0.7)) process.killAfter(until)
  const effects = effectsOf(world, process)
  const archived = await archivedThrough({ dir: world.log.dir, archive: archiveOf(world, effects), effects })
  const writer = await openLogWriter({ ...world.log, archivedThrough: archived, effects })
  await Promise.all(Array.from({ length: world.clients }, () => send(writer, process, world, until)))
  await writer.close()
}

/** Sends until the collector is to close, or dies. */
async function send(writer: LogWriter, process: SimulatedProcess, world: World, until: number): Promise<void> {
  const { random, clock, promises } = world
  let refusals = 0
  while (process.alive && process.calls < until) {
    const payloads = newPayloads(world)
    if (chance(random, 0.1)) clock.pass(random() * 2 * AGE_MS)
    try {
      const { first } = await writer.append(payloads.map((payload) => ({ key: '', payload })))
      promises.acknowledge(first, payloads)
      refusals = 0
    } catch (error) {
      if (isBroken(error)) throw error
      if (++refusals > MAX_REFUSALS) throw new Violation(`the log refuses for ever: ${messageOf(error)}`)
      await process.rest()
    }
    if (chance(random, 0.2)) await process.rest()
  }
}

function consume(consumer: string): Program {
  return async (process, world) => {
    const { random, promises } = world
    const effects = effectsOf(world, process)
    const reader = openLogReader({ dir: world.log.dir, archive: archiveOf(world, effects), effects })
    let position = await reader.position(consumer)
    promises.checkPosition(consumer, position)
    process.killAfter(between(random, 1, oneOf(random, [15, 50, 300])))
    while (process.alive) {
      const after = position
      const { records, last } = await reader.read({ after, maxRecords: between(random, 1, 20), maxBytes: 10_000 })
      promises.show(records, after)
      if (records.length > 0) {
        await reader.commit(consumer, last)
        promises.commit(consumer, last)
        position = last
      }
      await process.rest()
    }
  }
}

async function keepSegments(process: SimulatedProcess, world: World): Promise<void> {
  const { random, promises } = world
  const effects = effectsOf(world, process)
  const { dir } = world.log
  const archive = archiveOf(world, effects)
  const reader = openLogReader({ dir, archive, effects })
  process.killAfter(between(random, 1, oneOf(random, [15, 50, 300])))
  while (process.alive) {
    const through = await reader.position(WAREHOUSE)
    if (archive === undefined) promises.deletedThrough = Math.max(promises.deletedThrough, through)
    await archiveSegments({ dir, archive, through, effects })
    await process.rest()
  }
}
