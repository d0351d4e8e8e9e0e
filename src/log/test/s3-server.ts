import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { S3Archive } from '../../project/index.ts'
import { testFolder } from './scratch.ts'

/** What is used of the package, which brings no types. */
interface S3rver {
  run(): Promise<AddressInfo>
  close(): Promise<void>
}
type S3rverClass = new (options: object) => S3rver

const BUCKET = 'events'
/** The only keys the server takes. */
const KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

/** A real S3 server with an empty bucket, stopped when the test ends. */
export async function startS3(prefix = ''): Promise<S3Archive & { readonly directory: string }> {
  const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as S3rverClass
  const directory = join(await testFolder(), 's3')
  const server = new S3rver({ port: 0, silent: true, directory, configureBuckets: [{ name: BUCKET }] })
  const { port } = await server.run()
  onTestFinished(() => server.close())
  return { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket: BUCKET, prefix, ...KEYS, directory }
}
