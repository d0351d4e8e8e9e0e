/**
 * Serves a twin: its vendor's API, and `/__twin/` for those who look at it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { MusterError, messageOf } from '../core/errors.ts'
import type { TwinDefinition } from './twin.ts'
import { Faults } from './twin-faults.ts'
import { type TwinState, twinPage } from './twin-page.ts'

export interface RunningTwin {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** Settings that open it. */
  readonly credentials: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface ServeTwinInput {
  readonly twin: TwinDefinition
  /** The destination it plays; names its file. */
  readonly destination: string
  /** Folder of the twins' files. */
  readonly dir: string
  /** Any free one when absent. */
  readonly port?: number
}

/** Opens the twin's file and listens on the loopback. Throws `folder_unwritable`, `port_busy`. */
export async function serveTwin({ twin, destination, dir, port = 0 }: ServeTwinInput): Promise<RunningTwin> {
  const store = openStore(twin, dir, destination)
  const server = await listen(twinApp(twin, store, destination).fetch, port).catch((error: unknown) => {
    store.close()
    throw error
  })
  return { ...server, credentials: twin.credentials, close: () => server.close().then(() => store.close()) }
}

function openStore(twin: TwinDefinition, dir: string, destination: string): DatabaseSync {
  try {
    mkdirSync(dir, { recursive: true })
    const store = new DatabaseSync(join(dir, `${destination}.sqlite`))
    // Survives a killed process; only a crash of the machine may lose what the twin took last.
    store.exec('pragma journal_mode = wal; pragma synchronous = normal')
    store.exec(twin.schema)
    return store
  } catch (error) {
    throw new MusterError('folder_unwritable', `Cannot open the twin's file in ${dir}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function twinApp(twin: TwinDefinition, store: DatabaseSync, destination: string): Hono {
  const app = new Hono()
  const faults = new Faults(twin.failures)
  const state = (): TwinState => ({ destination, title: twin.title, objects: twin.objects(store) })
  app.get('/', (c) => c.html(twinPage(state())))
  app.get('/__twin/state', (c) => c.json(state()))
  app.get('/__twin/members', (c) => c.json({ members: twin.members(store, c.req.query('object')) }))
  app.post('/__twin/reset', (c) => {
    faults.clear()
    emptyStore(store)
    return c.body(null, 204)
  })
  app.post('/__twin/faults', async (c) => {
    try {
      faults.add(await c.req.json())
      return c.body(null, 204)
    } catch (error) {
      return c.json({ error: messageOf(error) }, 400)
    }
  })
  app.delete('/__twin/faults', (c) => {
    faults.clear()
    return c.body(null, 204)
  })
  app.use(faults.middleware)
  twin.routes(app, { store, faults })
  return app
}

function emptyStore(store: DatabaseSync): void {
  const tables = store.prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`).all()
  for (const { name } of tables) store.exec(`delete from "${name}"`)
}

function listen(fetch: Hono['fetch'], port: number): Promise<Pick<RunningTwin, 'url' | 'close'>> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname: '127.0.0.1' }, (address) => {
      resolve({ url: `http://127.0.0.1:${address.port}`, close: () => closeServer(server) })
    })
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE'
      reject(
        busy
          ? new MusterError('port_busy', `Port ${port} is in use; the twin cannot listen there.`, { cause: error })
          : error,
      )
    })
  })
}

function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    // Callers that were kept waiting would hold it open for ever.
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}
