import type { Company } from './company.ts'
import type { Context, Saying, SegmentMessage, Sender } from './message.ts'
import type { Device } from './people.ts'
import { DAY } from './period.ts'
import { mix, mulberry32 } from './random.ts'
import { sayings } from './sayings.ts'
import type { Session } from './sessions.ts'

/** A message and its instant, by which sessions that overlap are put in order. */
interface Dated {
  readonly at: number
  readonly message: SegmentMessage
}

/** Every message of the company in the order of time. Keeps those of about a day in memory. */
export function* events(company: Company): Generator<SegmentMessage, void, undefined> {
  let waiting: Dated[] = []
  let until = company.start
  for (const [index, session] of company.sessions.entries()) {
    if (session.start >= until) {
      waiting.sort(byTime)
      const later = waiting.findIndex(({ at }) => at >= session.start)
      const ready = later === -1 ? waiting : waiting.slice(0, later)
      for (const { message } of ready) yield message
      waiting = later === -1 ? [] : waiting.slice(later)
      until = session.start + DAY / 4
    }
    tell(company, index, session, waiting)
  }
  waiting.sort(byTime)
  for (const { message } of waiting) yield message
}

const byTime = (one: Dated, other: Dated): number => one.at - other.at

/** Adds the messages of one session: evenly spread, each with an id of its own. */
function tell({ seed, tag }: Company, index: number, session: Session, told: Dated[]): void {
  const random = mulberry32(mix(seed, 4, index))
  const step = session.duration / session.length
  let place = 0
  for (const saying of sayings(random, session)) {
    const at = Math.floor(session.start + (place + 0.9 * random()) * step)
    const messageId = `${tag}-${index.toString(36)}-${place.toString(36)}`
    told.push({ at, message: messageOf(saying, session, messageId, at) })
    place++
  }
}

function messageOf(saying: Saying, { user, device }: Session, messageId: string, at: number): SegmentMessage {
  const { anonymousId } = device
  const timestamp = new Date(at).toISOString()
  const known: Sender = user ? { userId: user.id, anonymousId } : { anonymousId }
  const stamped = { messageId, timestamp, context: contextOf(device) }
  switch (saying.type) {
    case 'identify':
      return { type: 'identify', ...stamped, ...known, traits: saying.traits }
    case 'group':
      return { type: 'group', ...stamped, ...known, groupId: saying.groupId, traits: saying.traits }
    case 'alias':
      return { type: 'alias', ...stamped, userId: user?.id ?? anonymousId, previousId: saying.previousId }
    case 'track': {
      const sender: Sender = user && saying.server ? { userId: user.id } : known
      const context = saying.server ? SERVER : stamped.context
      return { type: 'track', ...stamped, context, ...sender, event: saying.event, properties: saying.properties }
    }
    case 'view':
      return viewOf(saying, stamped, saying.anonymous ? { anonymousId } : known, device)
  }
}

type Stamp = Pick<SegmentMessage, 'messageId' | 'timestamp' | 'context'>

function viewOf(
  { name, path }: Extract<Saying, { type: 'view' }>,
  stamped: Stamp,
  sender: Sender,
  device: Device,
): SegmentMessage {
  if (device.kind !== 'web') return { type: 'screen', ...stamped, ...sender, name, properties: { path } }
  const properties = { path, title: `${name} · Harbor`, url: `https://harbor.example${path}` }
  return { type: 'page', ...stamped, ...sender, name, properties }
}

const SERVER: Context = { app: { name: 'harbor-backend' } }

const contexts = new WeakMap<Device, Context>()

/** The same object for all messages of a device. */
function contextOf(device: Device): Context {
  const known = contexts.get(device)
  if (known !== undefined) return known
  const { kind, ip, userAgent, locale } = device
  const web = { ip, userAgent, locale }
  const context = kind === 'web' ? web : { ...web, app: { name: 'Harbor', version: '4.2.0' }, device: { type: kind } }
  contexts.set(device, context)
  return context
}
