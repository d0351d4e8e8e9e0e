/**
 * Of each run of vitest: one Postgres server, started when the first test asks for a database.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { PostgresServer } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a GET gives the URL of a fresh database. */
    postgres: string
  }
}

let server: Promise<PostgresServer> | undefined
let databases = 0

const door = createServer(async (_, response) => {
  try {
    server ??= PostgresServer.start(process.env.MUSTER_POSTGRES)
    response.end(await (await server).createDatabase(`test_${databases++}`))
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
})

export async function setup({ provide }: TestProject): Promise<void> {
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  provide('postgres', `http://127.0.0.1:${(door.address() as AddressInfo).port}`) // it listens on a port
}

export async function teardown(): Promise<void> {
  door.close()
  await (await server)?.[Symbol.asyncDispose]()
}
