import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { filesContract } from './files.contract.ts'
import { systemFiles } from './files.ts'
import { SimulatedDisk } from './test/simulated-disk.ts'

filesContract('The system', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-files-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return { files: systemFiles, folder }
})

filesContract('The simulated disk', async () => ({ files: new SimulatedDisk(1).start().files, folder: '' }))
