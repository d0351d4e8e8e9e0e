import { describe, expect, test } from 'vitest'
import { openApi } from './openapi.ts'
import { testCollector } from './test/collector.ts'

async function page(): Promise<Response> {
  return fetch(`${(await testCollector()).url}/docs`)
}

describe('/docs', () => {
  test('names every endpoint and every schema', async () => {
    const text = await (await page()).text()
    for (const path of Object.keys(openApi().paths)) expect(text).toContain(path)
    for (const name of Object.keys(openApi().components.schemas)) expect(text).toContain(`<h3 id="${name}">`)
    expect(text).toContain(openApi().info.version)
  })

  test('loads nothing and runs nothing', async () => {
    const response = await page()
    const text = await response.text()
    expect(text).not.toMatch(/<script|<link|<img|src=|@import|url\(|href="https?:/)
    expect(text).not.toContain('[object Object]')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('its examples are JSON as it would be sent', async () => {
    const text = await (await page()).text()
    expect(text).toContain('&quot;event&quot;: &quot;Order Completed&quot;')
    expect(text).toContain('Ada O&#39;Brien')
  })
})

test('/docs/openapi.json is the document', async () => {
  const response = await fetch(`${(await testCollector()).url}/docs/openapi.json`)
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApi())))
})
