/** Takes the picture of a page: `node scripts/picture.ts http://127.0.0.1:8080/ docs/flow.png`. */
import { launchBrowser } from '../test/server/browser.ts'

const [url, file] = process.argv.slice(2)
if (url === undefined || file === undefined) throw new Error('Say the address of the page and the file of the picture.')
const browser = await launchBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1180 } })
  await page.goto(url)
  await page.locator('#syncs tr td:nth-child(2)').first().waitFor()
  await page.screenshot({ path: file })
} finally {
  await browser.close()
}
