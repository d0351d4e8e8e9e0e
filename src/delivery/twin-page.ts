import type { TwinObject } from './twin.ts'

export interface TwinState {
  /** Of the destination it plays. */
  readonly destination: string
  readonly title: string
  readonly objects: readonly TwinObject[]
}

/** What a person sees who opens the twin's address. */
export function twinPage({ destination, title, objects }: TwinState): string {
  const rows = objects.map(
    ({ id, name, members }) =>
      `<tr><td><a href="/__twin/members?object=${encodeURIComponent(id)}">${escaped(name)}</a></td><td>${escaped(id)}</td><td>${members}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Twin of ${escaped(title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 46rem; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { border-bottom: 1px solid #ddd; padding: .4rem .6rem; text-align: left }
  td:last-child, th:last-child { text-align: right }
</style>
<h1>Twin of ${escaped(title)}</h1>
<p>Plays the destination <b>${escaped(destination)}</b>: a local emulator with the vendor's rules. Nothing leaves this machine.</p>
<table>
<thead><tr><th>Object</th><th>Id</th><th>Members</th></tr></thead>
<tbody>${rows.join('') || '<tr><td colspan="3">Nothing yet.</td></tr>'}</tbody>
</table>
</html>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
