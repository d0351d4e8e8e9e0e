// The first page: asks the API once a second and shows the flow. Plain JavaScript: the browser runs it as it is.

const QUERY = `{
  project { name environment }
  status { logHead logPosition lag events duplicates rejected discards profiles identifiers ledgerMembers inDoubt }
  sources { name events lastReceivedAt }
  audiences { name description size stale send { destination } }
  destinations { name title twin twinUrl }
  runs(first: 1) { id state asOf error steps { name state rows ms message } }
  plan { id state asOf error syncs { sync state queried add update remove unchanged invalid suppressed held membersBefore membersAfter details } }
  imports { file state line bytes totalBytes events error }
}`

const KEPT_RATES = 120
const EVERY_MS = 1000
const rates = []
let before

const number = (value) => (value === null || value === undefined ? '–' : Number(value).toLocaleString('en'))
const byId = (id) => document.getElementById(id)
const put = (id, text) => {
  const element = byId(id)
  if (element.textContent !== text) element.textContent = text
}
const when = (instant) => (instant ? new Date(instant).toLocaleString() : '–')
const classOf = (state) =>
  ({ failed: 'bad', unreachable: 'bad', interrupted: 'bad', stopped: 'warn', stale: 'warn', skipped: 'warn' })[state] ??
  ''

function cell(content, className) {
  const td = document.createElement('td')
  if (className) td.className = className
  td.append(content)
  return td
}

function link(text, href) {
  const a = document.createElement('a')
  a.href = href
  a.textContent = text
  return a
}

function fill(id, rows, empty) {
  const body = byId(id)
  const trs = rows.map((cells) => {
    const tr = document.createElement('tr')
    tr.append(...cells)
    return tr
  })
  if (trs.length === 0) {
    const tr = document.createElement('tr')
    const td = cell(empty)
    td.colSpan = 11
    tr.append(td)
    trs.push(tr)
  }
  body.replaceChildren(...trs)
}

function showFlow({ status, sources, audiences, destinations, imports }) {
  const now = performance.now()
  const rate = before ? Math.max(0, ((status.logHead - before.head) * 1000) / (now - before.at)) : 0
  before = { head: status.logHead, at: now }
  rates.push(rate)
  if (rates.length > KEPT_RATES) rates.shift()
  const top = Math.max(1, ...rates)
  byId('rate').firstElementChild.setAttribute(
    'points',
    rates.map((value, x) => `${x},${27 - (26 * value) / top}`).join(' '),
  )
  put('n-sources', number(sources.length))
  put('d-sources', sources.map(({ name }) => name).join(', '))
  put('n-log', number(status.logHead))
  put('d-log', `${number(Math.round(rate))} a second, ${number(status.lag)} to land`)
  put('n-warehouse', number(status.events))
  put(
    'd-warehouse',
    `events; ${number(status.duplicates)} copies, ${number(status.rejected)} rejected, ${number(status.discards)} values discarded`,
  )
  put('n-profiles', number(status.profiles))
  put('d-profiles', `from ${number(status.identifiers)} identifiers`)
  put('n-audiences', number(audiences.length))
  put('d-audiences', `${number(audiences.reduce((sum, { size }) => sum + (size ?? 0), 0))} memberships`)
  put('n-destinations', number(destinations.length))
  put(
    'd-destinations',
    `${number(status.ledgerMembers)} members acknowledged${status.inDoubt > 0 ? `, ${number(status.inDoubt)} in doubt` : ''}`,
  )
  const running = imports.filter(({ state }) => state === 'running')
  notice(
    running
      .map(
        ({ file, bytes, totalBytes }) => `Importing ${file}: ${Math.floor((100 * bytes) / Math.max(1, totalBytes))} %`,
      )
      .join(' · '),
  )
}

function notice(text) {
  const element = byId('notice')
  element.hidden = text === ''
  element.textContent = text
}

function showTables({ audiences, destinations, sources, runs, plan }) {
  fill(
    'audiences',
    audiences.map(({ name, description, size, stale, send }) => [
      cell(name),
      cell(description),
      cell(number(size), 'number'),
      cell(send.map(({ destination }) => destination).join(', ')),
      cell(stale ?? (size === null ? 'not built yet' : 'fresh'), stale ? 'warn' : ''),
    ]),
    'None yet: write a SELECT in audiences/.',
  )
  fill(
    'destinations',
    destinations.map(({ name, title, twin, twinUrl }) => [
      cell(name),
      cell(title),
      cell(twin ? link('its twin', twinUrl) : 'the vendor'),
    ]),
    'None yet: add one to muster.yaml.',
  )
  fill(
    'sources',
    sources.map(({ name, events, lastReceivedAt }) => [
      cell(name),
      cell(number(events), 'number'),
      cell(when(lastReceivedAt)),
    ]),
    'None yet: add one to muster.yaml.',
  )
  const run = runs[0]
  put('run', run ? `${run.id} · ${run.state} · as of ${when(run.asOf)}${run.error ? ` · ${run.error}` : ''}` : '')
  fill(
    'steps',
    (run?.steps ?? []).map(({ name, state, rows, ms, message }) => [
      cell(name),
      cell(message ? `${state}: ${message}` : state, classOf(state)),
      cell(number(rows), 'number'),
      cell(number(ms), 'number'),
    ]),
    'None yet: muster run',
  )
  put('plan', plan ? `${plan.id} · ${plan.state}${plan.error ? ` · ${plan.error}` : ''}` : '')
  fill(
    'syncs',
    (plan?.syncs ?? []).map((sync) => [
      cell(sync.sync),
      ...['queried', 'add', 'update', 'remove', 'unchanged', 'invalid', 'suppressed', 'held'].map((field) =>
        cell(number(sync[field]), 'number'),
      ),
      cell(number(sync.membersAfter ?? sync.membersBefore), 'number'),
      cell(sync.details?.error ? `${sync.state}: ${sync.details.error.message}` : sync.state, classOf(sync.state)),
    ]),
    'None yet: muster plan',
  )
}

async function refresh() {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
    })
    const { data, errors } = await response.json()
    if (!data) throw new Error(errors?.[0]?.message ?? `status ${response.status}`)
    put('project', `${data.project.name} · ${data.project.environment}`)
    showFlow(data)
    showTables(data)
  } catch (error) {
    notice(`The worker does not answer (${error.message}); events are collected all the same. Trying again…`)
  }
  setTimeout(refresh, EVERY_MS)
}

void refresh()
