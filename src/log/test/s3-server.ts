import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'
import { onTestFinished } from 'vitest'
import type { S3Archive } from '../../project/index.ts'
import { testFolder } from './scratch.ts'

const BUCKET = 'events'
/** The only keys the server takes. */
const KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

/** A real S3 server with an empty bucket, stopped when the test ends. */
export async function startS3(prefix = ''): Promise<S3Archive & { readonly directory: string }> {
  const directory = join(await testFolder(), 's3')
  const server = new S3rver({ port: 0, silent: true, directory, configureBuckets: [{ name: BUCKET }] })
  const { port } = await server.run()
  onTestFinished(() => server.close())
  return { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket: BUCKET, prefix, ...KEYS, directory }
}
