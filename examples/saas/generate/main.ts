/** Writes the company's tables and events by hand: `node examples/saas/generate/main.ts --out DIR`. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { type Company, events, generateCompany, sendEvents, writeTables, writeTruth } from './index.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    end: { type: 'string', default: new Date().toISOString() },
    users: { type: 'string', default: '2000' },
    days: { type: 'string', default: '90' },
    events: { type: 'string', default: '200000' },
    truth: { type: 'boolean', default: false },
    send: { type: 'string' },
    'write-key': { type: 'string', default: 'harbor-web' },
  },
})

if (values.truth && values.out === undefined) {
  console.error('--truth writes a file beside the data: say where by --out DIR.')
  process.exit(2)
}
if (values.out === undefined && values.send === undefined) {
  console.error('Say where the data go: --out DIR for files, --send http://127.0.0.1:8080 for a collector, or both.')
  process.exit(2)
}

const company = generateCompany({
  seed: Number(values.seed),
  end: new Date(values.end),
  users: Number(values.users),
  days: Number(values.days),
  minEvents: Number(values.events),
})
if (values.out !== undefined) await write(company, values.out)
if (values.out !== undefined && values.truth) await tellTruth(company, values.out)
if (values.send !== undefined) await send(company, values.send, values['write-key'])

/** `billing/`, `crm/` and `events.ndjson`, one message a line. */
async function write(company: Company, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  console.log(await writeTables(company, folder))
  const path = join(folder, 'events.ndjson')
  await pipeline(Readable.from(lines(company)), createWriteStream(`${path}.tmp`))
  await rename(`${path}.tmp`, path)
  console.log(`${company.eventCount} events in ${path}`)
}

/** `truth.csv`: whose each identifier is. */
async function tellTruth(company: Company, folder: string): Promise<void> {
  const rows = await writeTruth(company, folder)
  console.log(`${rows} identifiers with their persons in ${join(folder, 'truth.csv')}`)
}

function* lines(company: Company): Iterable<string> {
  for (const message of events(company)) yield `${JSON.stringify(message)}\n`
}

async function send(company: Company, url: string, writeKey: string): Promise<void> {
  const { sent, failed, reasons } = await sendEvents({ url, writeKey, messages: events(company) })
  console.log(`${sent} events sent, ${failed} failed`, failed > 0 ? reasons : '')
  if (failed > 0) process.exitCode = 1
}
