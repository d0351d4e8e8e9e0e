import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { systemEffects } from '../../src/core/effects.ts'
import { openArchive } from '../../src/log/index.ts'
import { Imports } from '../../src/pipeline/index.ts'
import { openLoaderSite } from './loader-site.ts'

const DUCKDB_MIB = 1024
const MIB = 2 ** 20

export interface ImportFigures {
  readonly events: number
  readonly bytes: number
  readonly perSecond: number
  /** Most resident memory, beyond what DuckDB may use. */
  readonly beyondDuckdbMiB: number
}

/** The history of a shop's orders as an export gives it, about 420 bytes an event. */
function order(n: number): object {
  const customer = (n * 7919) % 200_000
  return {
    type: 'track',
    event: n % 3 === 0 ? 'Order Completed' : 'Product Viewed',
    messageId: `history-${n.toString(16).padStart(12, '0')}`,
    userId: `customer-${customer}`,
    timestamp: new Date(Date.parse('2024-01-01T00:00:00Z') + n * 1000).toISOString(),
    properties: {
      order_id: `order-${n}`,
      total: (n % 20_000) / 100,
      currency: 'EUR',
      quantity: (n % 5) + 1,
      sku: `sku-${n % 3000}`,
      shop: `shop-${n % 40}`,
      note: 'delivered to the door, signed by the neighbour, no complaint; paid by card, not returned',
    },
  }
}

/** Imports an NDJSON file of about so many bytes, archive included. */
export async function importHistory(dir: string, wantedBytes: number): Promise<ImportFigures> {
  await mkdir(dir, { recursive: true })
  const { file, events } = await writeHistory(dir, wantedBytes)
  await using site = await openLoaderSite(dir, { memory_limit: `${DUCKDB_MIB}MB` })
  const { project, landing, state } = site
  const archive = project.log.archive && openArchive(project.log.archive, systemEffects)
  const logger = pino({ level: 'silent' })
  const imports = new Imports({ project: () => project, archive, landing, state, effects: systemEffects, logger })
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 50)
  const began = performance.now()
  const { id } = await imports.start({ file, source: 'shop' })
  for (;;) {
    const record = await imports.read(id)
    if (record?.state === 'failed') throw new Error(record.error ?? 'the import failed')
    if (record?.state === 'done') break
    await sleep(100)
  }
  const took = (performance.now() - began) / 1000
  clearInterval(timer)
  await imports.close()
  const bytes = (await stat(file)).size
  return { events, bytes, perSecond: events / took, beyondDuckdbMiB: Math.round(most / MIB - DUCKDB_MIB) }
}

async function writeHistory(dir: string, wantedBytes: number): Promise<{ file: string; events: number }> {
  const file = join(dir, 'history.ndjson')
  const stream = createWriteStream(file)
  let events = 0
  for (let bytes = 0; bytes < wantedBytes; ) {
    let text = ''
    for (let row = 0; row < 1000; row++) text += `${JSON.stringify(order(events++))}\n`
    bytes += text.length
    if (!stream.write(text)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'finish')
  return { file, events }
}
