import { stat } from 'node:fs/promises'
import { extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { DataFile, SourceTable } from './project.ts'
import { problem } from './report.ts'
import type { SettingsInput } from './settings.ts'

/** The source tables with their data files, which must be there. */
export async function readSourceTables(input: SettingsInput): Promise<readonly SourceTable[]> {
  const tables: SourceTable[] = []
  for (const [id, settings] of Object.entries(input.file.source_tables ?? {})) {
    const [schema = '', name = ''] = id.split('.', 2)
    const { file, identifiers = {}, text = [], guards } = settings ?? {}
    const data = file === undefined ? undefined : await readDataFile(input, id, file)
    tables.push({
      ...input.tree.keyPlace(['source_tables', id]),
      schema,
      name,
      ...(data ? { data } : {}),
      identifiers,
      text,
      minRowsShare: (guards?.min_rows_percent ?? 50) / 100,
    })
  }
  return tables
}

const FORMATS: Readonly<Record<string, DataFile['format']>> = {
  '.csv': 'csv',
  '.parquet': 'parquet',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
}

async function readDataFile(
  { root, tree, report }: SettingsInput,
  table: string,
  file: string,
): Promise<DataFile | undefined> {
  const format = FORMATS[extname(file).toLowerCase()]
  if (format === undefined) return undefined // the format of muster.yaml names the extensions
  const folder = join(root, 'data')
  const path = resolve(folder, file)
  const place = tree.place(['source_tables', table, 'file'])
  const written = tree.written(['source_tables', table, 'file']) ?? ''
  if (isAbsolute(file) || !isInside(folder, path)) {
    report(
      problem(
        'file_outside',
        place,
        `\`${written}\` is outside the folder data/`,
        'put a copy or a link in data/ and name it relative to that',
      ),
    )
  } else if (!(await isFile(path))) {
    report(
      problem(
        'missing_file',
        place,
        `there is no file \`data/${written}\``,
        'paths are relative to data/; without `file:` the table is read from the warehouse',
      ),
    )
  }
  return { path, format }
}

function isInside(folder: string, path: string): boolean {
  const inner = relative(folder, path)
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner)
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
