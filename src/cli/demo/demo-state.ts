import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a second start must know of the first. */
export interface DemoState {
  readonly seed: number
  /** ISO instant up to which the company's history reaches. */
  readonly end: string
  /** All events were acknowledged. */
  readonly sent: boolean
}

const pathOf = (folder: string): string => join(folder, '.muster', 'demo.json')

export async function readDemoState(folder: string): Promise<DemoState | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(folder), 'utf8')) as DemoState // written below
  } catch {
    return undefined // the first start
  }
}

export async function writeDemoState(folder: string, state: DemoState): Promise<void> {
  await mkdir(join(folder, '.muster'), { recursive: true })
  await writeFile(pathOf(folder), JSON.stringify(state))
}
