import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { COLLECTOR_FLAGS, writeRuntimeConfig, writeSuppressions } from '../../src/gateway/index.ts'

export interface Started {
  readonly child: ChildProcess
  readonly port: number
}

/** A collector's process in `dir`, with the source `bench`; its log is `dir`/log. */
export async function startCollector(dir: string): Promise<Started> {
  const runtimeFile = join(dir, 'runtime.json')
  const suppressionsFile = join(dir, 'suppressions.json')
  const socketPath = join(dir, 'worker.sock')
  const sources = [{ name: 'bench', writeKey: 'bench' }]
  await writeSuppressions(suppressionsFile, { salt: '', hashes: [] })
  await writeRuntimeConfig(runtimeFile, { version: 1, sources, socketPath, suppressionsFile })
  const settings = { dir: join(dir, 'log'), maxDiskBytes: 1e12, runtimeFile, socketPath, host: '127.0.0.1', port: 0 }
  const entry = join(import.meta.dirname, '../../src/gateway/collector-main.ts')
  return startProcess(entry, JSON.stringify(settings), COLLECTOR_FLAGS)
}

/** A module that says its port once it is up, as its own process. */
export async function startProcess(module: string, argument: string, flags: readonly string[] = []): Promise<Started> {
  const child = fork(module, [argument], { execArgv: [...process.execArgv, ...flags] })
  const [said] = await once(child, 'message')
  return { child, port: (said as { port: number }).port } // both entries say their port
}

/** Resident memory of a process, in MiB. */
export function residentMiB({ pid }: ChildProcess): number {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024)
}
