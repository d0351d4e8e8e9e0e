import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './browser.ts'
import { ServedProject } from './served-project.ts'

let project: ServedProject

beforeAll(async () => {
  project = await ServedProject.start()
})

afterAll(async () => {
  await project[Symbol.asyncDispose]()
})

test('the first page shows live numbers, without the internet', { timeout: 60_000 }, async () => {
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    const faults: string[] = []
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    page.on('request', (request) => {
      if (!request.url().startsWith(project.url) && !request.url().startsWith('data:')) faults.push(request.url())
    })
    await page.goto(project.url)
    await page.locator('#n-log', { hasText: '0' }).waitFor()
    const response = await fetch(`${project.url}/v1/track`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('dev-web:')}` },
      body: JSON.stringify({ event: 'Clicked', userId: 'u1' }),
    })
    expect(response.status).toBe(200)
    await page.locator('#n-warehouse', { hasText: '1' }).waitFor()
    expect(faults).toEqual([])
  } finally {
    await browser.close()
  }
})

test('GraphiQL is served without the internet', async () => {
  const response = await fetch(`${project.url}/graphql`, { headers: { accept: 'text/html' } })
  const html = await response.text()
  expect(html).toContain('Muster')
  expect(html).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/)
})

test('pages of other sites and wrong host names are turned away', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${project.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ project { name } }' }),
    })
  // Often, because an answer before the body was read used to break the connection now and then.
  for (let round = 0; round < 50; round++) expect((await ask({ origin: 'https://evil.example' })).status).toBe(403)
  expect((await ask({ origin: project.url })).status).toBe(200)
  // Whoever is forwarded comes from elsewhere, whatever the proxy says of them.
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
    expect((await ask({ [header]: '127.0.0.1' })).status).toBe(404)
  }
})

test('metrics and health answer', async () => {
  await fetch(`${project.url}/v1/track?writeKey=nope`, { method: 'POST', body: '{}' })
  const lie = { 'x-muster-collector': '{"requests":77,"turnedAway":{}}' }
  const metrics = await (await fetch(`${project.url}/metrics`, { headers: lie })).text()
  expect(metrics).toContain('muster_log_head')
  expect(metrics).toMatch(/^muster_collector_turned_away\{code="write_key_unknown"\} 1$/m)
  expect(metrics).not.toMatch(/ 77$/m)
  expect((await fetch(`${project.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${project.url}/readyz`)).status).toBe(200)
  expect((await fetch(`${project.url}/nothing`)).status).toBe(404)
})
