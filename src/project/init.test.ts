import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { initProject, readProject } from './index.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-init-'))
})
afterEach(() => rm(root, { recursive: true }))

describe('initProject', () => {
  it('writes a project without problems into a new folder', async () => {
    const dir = join(root, 'new', 'shop')
    const written = await initProject(dir)
    expect(written).toContain('.gitignore')
    expect(written).toContain('models/user_activity.sql')
    expect(written).not.toContain('gitignore')
    const { project, problems } = await readProject(dir, { variables: {} })
    expect(problems).toEqual([])
    expect(project?.audiences.flatMap(({ send }) => send.map(({ destination }) => destination))).toEqual([
      'facebook_ads',
      'crm_mail',
    ])
  })

  it('asks for credentials only where the real APIs are called', async () => {
    await initProject(root)
    const { problems } = await readProject(root, { env: 'prod', variables: {} })
    expect(problems.map(({ code }) => code)).toEqual(['missing_env', 'missing_env', 'missing_env'])
    const variables = { FACEBOOK_TOKEN: 'a', MAILCHIMP_API_KEY: 'b', MAILCHIMP_SERVER: 'us1' }
    expect((await readProject(root, { env: 'prod', variables })).problems).toEqual([])
  })

  it('leaves files alone that are there', async () => {
    await writeFile(join(root, 'README.md'), 'mine')
    expect(await initProject(root)).not.toContain('README.md')
    expect(await readFile(join(root, 'README.md'), 'utf8')).toBe('mine')
  })

  it('refuses a folder that holds a project', async () => {
    await initProject(root)
    await expect(initProject(root)).rejects.toMatchObject({ code: 'usage' })
  })

  it('says what it cannot write', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(initProject(join(root, 'file'))).rejects.toMatchObject({ code: 'folder_unwritable' })
    await writeFile(join(root, 'models'), '')
    await expect(initProject(root)).rejects.toMatchObject({ code: 'folder_unwritable' })
  })
})
