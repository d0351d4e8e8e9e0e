/** A thread that normalises identifiers: lists of texts come in, lists of values go out. */
import { parentPort, workerData } from 'node:worker_threads'
import { normalFormOf } from './normal-form.ts'

const normalForm = normalFormOf(workerData)

parentPort?.on('message', async (raws: readonly string[]) => {
  parentPort?.postMessage(await Promise.all(raws.map(async (raw) => normalForm(raw))))
})
