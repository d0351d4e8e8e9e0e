import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeRecord, openLogWriter } from '../../src/log/index.ts'
import { Site } from './site.ts'

const rejected = (n: number) => {
  const record = { source: 'web', receivedAt: '2026-05-01T00:00:00.000Z', requestIp: '', reason: 'odd', body: `${n}` }
  return { key: 'k', payload: encodeRecord({ kind: 'rejected', ...record }) }
}

test('what another process landed since the position was read is not landed again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'muster-two-'))
  await writeFile(join(dir, 'muster.yaml'), 'version: 1\nsources:\n  web: { write_key: w }\n')
  {
    await using writer = await openLogWriter({ dir: join(dir, '.muster', 'log'), maxDiskBytes: 1e9 })
    await using site = await Site.open({ dir, events: 2 })
    await writer.append([rejected(1)])
    await site.catchUp()
    await writer.append([rejected(2), rejected(3)])
    // As a commit of a killed process that was still under way.
    await site.anotherConsumer().catchUp(undefined, { alone: true })
    await expect(site.catchUp()).rejects.toMatchObject({ code: 'warehouse_failed' })
    await site.catchUp()
    const rows = await site.warehouse.session((session) =>
      session.query('select body from muster.rejected_events order by body'),
    )
    expect(rows).toEqual([{ body: '1' }, { body: '2' }, { body: '3' }])
  }
  await rm(dir, { recursive: true, force: true })
})
