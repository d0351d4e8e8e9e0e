import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { formatProblem } from '../core/problems.ts'
import { readProject } from './index.ts'

const GOLDEN = fileURLToPath(new URL('../../test/golden/project/', import.meta.url))

const caseOptions = z.strictObject({
  env: z.string().default('dev'),
  variables: z.record(z.string(), z.string()).default({}),
})

function optionsOf(folder: string) {
  const file = join(folder, 'options.json')
  return caseOptions.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})
}

describe.each(readdirSync(GOLDEN))('%s', (name) => {
  const folder = join(GOLDEN, name)
  const root = join(folder, 'input')
  const options = optionsOf(folder)

  it('tells these problems', async () => {
    const { problems } = await readProject(root, options)
    const told = problems.map((problem) => `${formatProblem(problem)} [${problem.code}]\n`).join('')
    for (const secret of Object.values(options.variables)) if (secret.length > 2) expect(told).not.toContain(secret)
    await expect(told).toMatchFileSnapshot(join(folder, 'problems.txt'))
  })

  it('reads this project', async () => {
    const { project } = await readProject(root, options)
    const text = project ? `${JSON.stringify(project, null, 2).replaceAll(root, '/project')}\n` : 'null\n'
    await expect(text).toMatchFileSnapshot(join(folder, 'project.json'))
  })
})
