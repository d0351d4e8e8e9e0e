/**
 * A website of another origin than the collector, with the browser SDKs as their packages hold them.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

const packages = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), '..')

export type Sdk = 'segment' | 'rudder'

const SCRIPTS: Readonly<Record<string, string>> = {
  '/segment.js': '@segment/analytics-next/dist/umd/index.js',
  '/rudder.js': '@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js',
}

export class Shop implements AsyncDisposable {
  readonly origin: string
  readonly #server: Server

  static async open(): Promise<Shop> {
    const server = createServer(async ({ url = '' }, response) => {
      const script = SCRIPTS[url]
      response.setHeader('content-type', script === undefined ? 'text/html; charset=utf-8' : 'text/javascript')
      response.end(script === undefined ? PAGE : await readFile(join(packages, script)))
    })
    server.listen(0, 'localhost')
    await once(server, 'listening')
    return new Shop(server)
  }

  private constructor(server: Server) {
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}` // it listens on a port, not a path
    this.#server = server
  }

  /** A visitor with a browser profile of their own, on a page that has loaded an SDK. */
  async visit(browser: Browser, sdk: Sdk, collector: string): Promise<Visit> {
    const context = await browser.newContext({ locale: 'de-DE', timezoneId: 'Europe/Berlin' })
    const elsewhere: string[] = []
    const errors: string[] = []
    const failures: string[] = []
    context.on('request', (request) => {
      const known = [this.origin, collector].some((origin) => request.url().startsWith(`${origin}/`))
      if (!known) elsewhere.push(request.url())
    })
    context.on('requestfailed', (request) => failures.push(request.url()))
    const page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(`${this.origin}/über?utm_source=mail&utm_campaign=Söhne&q=O'Brien`)
    await page.addScriptTag({ url: `/${sdk}.js` })
    return { page, elsewhere, errors, failures, [Symbol.asyncDispose]: () => context.close() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}

export interface Visit extends AsyncDisposable {
  readonly page: Page
  /** Requests to anybody but the shop and the collector. */
  readonly elsewhere: readonly string[]
  /** What the page's console shows as errors. */
  readonly errors: readonly string[]
  /** Requests that got no answer. */
  readonly failures: readonly string[]
}

const PAGE = `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Straße &amp; Söhne 🎉</title>
<link rel="icon" href="data:,"></head><body></body></html>`
