import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { systemEffects } from '../core/effects.ts'
import { requireProject } from '../project/index.ts'
import { serverPaths } from './paths.ts'
import { serve } from './serve.ts'

test('what cannot be written is named, and the project is let go', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'muster-serve-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, 'muster.yaml'), 'version: 1\nsources: { web: { write_key: w } }\n')
  const project = await requireProject(dir, { variables: {} })
  // A folder in its place cannot be replaced by a file.
  await mkdir(serverPaths(project).runtime, { recursive: true })
  const options = { dir, env: 'dev', port: 0, effects: systemEffects, logger: pino({ level: 'silent' }) }
  for (let time = 0; time < 2; time++) {
    await expect(serve(options)).rejects.toMatchObject({
      code: 'folder_unwritable',
      message: expect.stringContaining(`Cannot write to ${join(dir, '.muster')}: `),
    })
  }
})
