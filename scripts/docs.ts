import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from './page.ts'
import { root } from './steps.ts'

const folder = join(import.meta.dirname, 'docs')

/** The generated pages: each file of scripts/docs exports one as `page`. */
async function readPages(): Promise<readonly Page[]> {
  const modules = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  return Promise.all(
    modules.sort().map(async (file) => {
      const { page }: { page: Page } = await import(pathToFileURL(join(folder, file)).href)
      return page
    }),
  )
}

function isCurrent(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8') === text
}

const check = process.argv.includes('--check')
for (const { file, text } of await readPages()) {
  const path = join(root, file)
  const wanted = await text()
  if (isCurrent(path, wanted)) continue
  if (check) {
    console.error(`${file} is not what its source makes: run \`npm run docs\`.`)
    process.exitCode = 1
  } else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, wanted)
    console.log(`wrote ${file}`)
  }
}
