import { Validator } from '@seriousme/openapi-schema-validator'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { systemEffects } from '../core/effects.ts'
import { catalogue, type ErrorCode } from '../core/errors.ts'
import { packageVersion } from '../core/package-root.ts'
import { createGateway } from './gateway.ts'
import { openApi, type PathItem, resolved } from './openapi.ts'
import { AUTHORIZATION, KEY, testCollector } from './test/collector.ts'
import { WebhookMaps } from './webhook/index.ts'

const document = openApi()

const documented = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.keys(resolved<PathItem>(document, item)).map((method) => `${method.toUpperCase()} ${path}`),
)

test('it is OpenAPI 3.1 and has the version of this package', async () => {
  const validator = new Validator()
  expect(await validator.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  expect(document.info.version).toBe(packageVersion())
})

test('no text in it was cut short by the commas of YAML', () => {
  const empty: string[] = []
  JSON.stringify(document, (key, value) => {
    if (value === null) empty.push(key)
    return value
  })
  expect(empty).toEqual([])
})

test('every reference points at something', () => {
  const missing: string[] = []
  JSON.stringify(document, (key, value) => {
    if (key === '$ref' && resolved(document, { $ref: value }) === undefined) missing.push(value)
    return value
  })
  expect(missing).toEqual([])
})

test('the failures it shows say what the catalogue says', () => {
  const shown: { readonly code: ErrorCode; readonly hint: string }[] = []
  JSON.stringify(document, (_, value) => {
    if (value?.success === false) shown.push(value)
    return value
  })
  expect(shown.length).toBeGreaterThan(8)
  expect(shown.map(({ hint }) => hint)).toEqual(shown.map(({ code }) => catalogue[code].remedy))
})

test('every route of the gateway is in it, and nothing else', () => {
  const logger = pino({ level: 'silent' })
  const app = createGateway({
    log: { append: () => Promise.reject() },
    sources: () => undefined,
    maps: new WebhookMaps(),
    effects: systemEffects,
    logger,
  })
  const routes = app.routes.filter(({ method }) => method === 'GET' || method === 'POST')
  const served = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect([...new Set(served)].sort()).toEqual(documented.toSorted())
})

test('every path in it is answered by the collector, not by the worker behind it', async () => {
  const collector = await testCollector()
  const others: unknown[] = []
  for (const endpoint of documented) {
    const [method = '', path = ''] = endpoint.split(' ')
    const response = await fetch(collector.url + path.replace('{writeKey}', KEY), {
      method,
      headers: { authorization: AUTHORIZATION },
      ...(method === 'POST' ? { body: '{}' } : {}),
    })
    if (/"code":"(?:not_found|worker_absent)"/.test(await response.text())) others.push([endpoint, response.status])
  }
  expect(others).toEqual([])
})
