import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { MusterError } from '../core/errors.ts'
import type { IdentifierType } from '../project/index.ts'
import { type NormalForm, normalFormOf } from './normal-form.ts'

/** Fewer texts are worked out before a thread has started. */
const FEW = 5_000

/** Normal forms of many texts, over several threads. */
export class NormalForms implements AsyncDisposable {
  readonly #type: Pick<IdentifierType, 'expression' | 'country'>
  readonly #here: NormalForm
  #workers: readonly Worker[] = []

  constructor({ expression, country }: IdentifierType) {
    this.#type = { ...(expression !== undefined && { expression }), ...(country !== undefined && { country }) }
    this.#here = normalFormOf(this.#type)
  }

  /** At the same places as the texts. */
  async of(raws: readonly string[]): Promise<readonly (string | null)[]> {
    if (raws.length < FEW) return Promise.all(raws.map(async (raw) => this.#here(raw)))
    if (this.#workers.length === 0) this.#workers = Array.from({ length: availableParallelism() }, () => this.#start())
    const share = Math.ceil(raws.length / this.#workers.length)
    const parts = this.#workers.map((worker, index) => ask(worker, raws.slice(index * share, (index + 1) * share)))
    return (await Promise.all(parts)).flat()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #start(): Worker {
    return new Worker(new URL(`./normal-forms-main${extname(fileURLToPath(import.meta.url))}`, import.meta.url), {
      workerData: this.#type,
    })
  }
}

function ask(worker: Worker, raws: readonly string[]): Promise<readonly (string | null)[]> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      work()
    }
    const onMessage = (values: readonly (string | null)[]) => settle(() => resolve(values))
    const onError = (error: Error) => settle(() => reject(error))
    const onExit = () =>
      settle(() => reject(new MusterError('internal', 'A thread that normalises identifiers ended.')))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    worker.postMessage(raws)
  })
}
