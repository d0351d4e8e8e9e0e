import { Listr } from 'listr2'

/** Says how far the work is; a short line. */
export type Report = (text: string) => void

/** Shows a title and what the work reports while it goes on; plain lines without a terminal, nothing with `silent`. */
export async function withProgress<T>(
  title: string,
  { silent }: { silent: boolean },
  work: (report: Report) => Promise<T>,
): Promise<T> {
  if (silent) return work(() => {})
  const terminal = process.stdout.isTTY
  const results: T[] = []
  const tasks = new Listr(
    [
      {
        title,
        task: async (_context, task) => {
          const report: Report = (text) => {
            task.title = text === '' ? title : `${title}: ${text}`
          }
          results.push(await work(terminal ? report : () => {}))
        },
      },
    ],
    // What failed is told once, by the command line itself.
    {
      renderer: terminal ? 'default' : 'simple',
      silentRendererCondition: false,
      ...(terminal && { rendererOptions: { showErrorMessage: false, collapseErrors: false } }),
    },
  )
  await tasks.run()
  const [result] = results
  return result as T // the task ran, or run() threw
}

/** A bar of text, such as `██████░░░░ 60 %`. */
export function bar(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * 20)
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${Math.floor(share * 100)} %`
}
