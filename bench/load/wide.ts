import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { acceptEvent } from '../../src/event/index.ts'
import { loadableOf, openLoaderSite, seconds } from './loader-site.ts'

const AT = '2026-01-01T00:00:00.000Z'
const EVENTS = 20_000

/** Events a second of 20,000 with so many different names, and so many different columns, loaded into tables that exist. */
export async function loadOfShape(dir: string, names: number, columns: number): Promise<number> {
  const folder = join(dir, `${names}-${columns}`)
  await mkdir(folder, { recursive: true })
  await using site = await openLoaderSite(folder)
  const batch = (load: number) => ({ load, since: new Date(0), also: async () => {} })
  await site.loader.load(eventsOf('first', names, columns), batch(1))
  const took = await seconds(() => site.loader.load(eventsOf('second', names, columns), batch(2)))
  return EVENTS / took
}

/** Each event has ten of the columns. */
function eventsOf(prefix: string, names: number, columns: number) {
  return Array.from({ length: EVENTS }, (_, n) => {
    const own = Array.from({ length: 10 }, (_, k) => [`column ${(n * 10 + k) % columns}`, n % 100])
    const sent = {
      type: 'track',
      event: `Event ${n % names}`,
      messageId: `${prefix}-${n}`,
      userId: `user-${n % 500}`,
      properties: Object.fromEntries(own),
    }
    const accepted = acceptEvent(sent, { receivedAt: AT, requestIp: '', id: () => '' })
    if ('reason' in accepted) throw new Error(accepted.reason)
    return loadableOf(accepted.event, n + 1)
  })
}
